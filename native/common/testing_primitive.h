// Tests of primitives: binds to aligned memory of its own, packs, runs, and holds the repeat to the same bits.
#pragma once
#include <cstring>
#include <memory>
#include <string>

#include "common/testing.h"

namespace fizzy::testing {

struct Operands {
  const Array* first;
  const Array* second;
  const Array* bias = nullptr;
  const Array* residual = nullptr;
  Array* output;
  Array* bias_gradient = nullptr;
  const Array* slope = nullptr;
};

inline bool same_bits(const Array& a, const Array& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * (a.type == 0 ? 4 : 2)) == 0;
}

// Runs a primitive made by `make` once with all threads, again, and, made anew, with one. Forward results must be the same
// bits all three times; sums over the batch (`thread_count_matters`) only when repeated.
template <typename Make>
void run(Make make, const Operands& o, bool thread_count_matters, const std::string& what) {
  std::unique_ptr<Array> first;
  int all = threads();
  for (int pass = 0; pass < 3; pass++) {
    set_threads(pass == 2 ? 1 : all);
    Primitive* primitive = make();
    void* scratch = memory_allocate(primitive_scratch_bytes(primitive) + 64);
    void* packed = memory_allocate(primitive_packed_bytes(primitive) + 64);
    std::memset(scratch, 0xff, primitive_scratch_bytes(primitive));  // NaN: nothing may rely on what was there
    Bound* bound = primitive_bind(primitive, o.first->data(), o.second->data(), o.bias ? o.bias->f.data() : nullptr,
                                  o.residual ? o.residual->data() : nullptr, o.slope ? o.slope->f.data() : nullptr, o.output->data(),
                                  o.bias_gradient ? o.bias_gradient->f.data() : nullptr, scratch, packed);
    bound_pack(bound);
    bound_run(bound);
    if (pass == 0) first = std::make_unique<Array>(*o.output);
    if (pass == 1) expect(same_bits(*first, *o.output), what + " differs when repeated");
    if (pass == 2 && !thread_count_matters) expect(same_bits(*first, *o.output), what + " depends on the number of threads");
    bound_free(bound);
    primitive_free(primitive);
    memory_free(scratch);
    memory_free(packed);
  }
  set_threads(all);
}

// The first half of an array that two images share, written over the second: then both images must give the same bits.
inline void repeat_first_image(Array& a, int batch) {
  size_t image = a.size() / batch;
  for (size_t i = image; i < a.size(); i++) a.set(i, a.get(i % image));
}
inline void expect_same_images(const Array& y, int batch, const std::string& what) {
  size_t image = y.size() / batch;
  bool same = true;
  for (size_t i = image; i < y.size(); i++) same &= y.get(i) == y.get(i % image);
  expect(same, what + " depends on the position in the batch");
}

// `many` holds the first image of `few` over and over. AMX alone sums long products of bf16 in an order that depends on how many
// rows there are.
inline void expect_same_in_any_batch(const Array& many, const Array& few, size_t image, int depth, const std::string& what) {
  Array expected(few.type, many.size());
  for (size_t i = 0; i < many.size(); i++) expected.set(i, few.get(i % image));
  bool depends = few.type == 1 && std::strcmp(cpu_level_name(cpu_level()), "amx") == 0 && depth >= 3072;
  expect_close(many, expected, depends ? 8e-3 : 0, what + " depends on the size of the batch");
}

// As f32, for the references.
inline std::vector<float> floats(const Array& a) {
  std::vector<float> f(a.size());
  for (size_t i = 0; i < f.size(); i++) f[i] = a.get(i);
  return f;
}

}  // namespace fizzy::testing
