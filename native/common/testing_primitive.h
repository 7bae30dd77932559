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

// An array of images that are all `image`, the first elements of another.
inline Array repeated(const Array& image, size_t elements, int images) {
  Array all(image.type, elements * images);
  for (size_t i = 0; i < all.size(); i++) all.set(i, image.get(i % elements));
  return all;
}

// An image has the same bits wherever it is in a batch, and in a batch of any size. `make` takes how many images there are; in
// `o` there are `batch`.
template <typename Make>
void expect_same_in_any_batch(Make make, const Operands& o, int batch, std::initializer_list<int> batches, const std::string& what) {
  std::unique_ptr<Array> first;
  size_t elements = o.output->size() / batch;
  for (int images : batches) {
    Array x = repeated(*o.first, o.first->size() / batch, images), y(o.output->type, elements * images);
    run([&] { return make(images); }, {&x, o.second, o.bias, nullptr, &y}, false, what);
    if (!first) first = std::make_unique<Array>(y);
    expect(same_bits(y, repeated(*first, elements, images)), what + " depends on the batch: " + std::to_string(images) + " images");
  }
}

// As f32, for the references.
inline std::vector<float> floats(const Array& a) {
  std::vector<float> f(a.size());
  for (size_t i = 0; i < f.size(); i++) f[i] = a.get(i);
  return f;
}

}  // namespace fizzy::testing
