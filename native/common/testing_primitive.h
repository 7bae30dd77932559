// Tests of primitives: binds one to aligned memory, packs, runs, and checks that a second run gives the same bits.
#pragma once
#include <cstdlib>
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
  const Array* reach = nullptr;
};

inline bool same_bits(const Array& a, const Array& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * (a.type == 0 ? 4 : 2)) == 0;
}

// FIZZY_CPU_LEVEL caps oneDNN as it does in Java. oneDNN accepts a cap only before its first primitive, so there is one cap per process.
inline const bool capped = [] {
  const char* name = std::getenv("FIZZY_CPU_LEVEL");
  for (int l = 0; name != nullptr && l < cpu_level_count(); l++)
    if (std::strcmp(name, cpu_level_name(l)) == 0) set_cpu_level(l);
  return name != nullptr;
}();

// Runs a primitive created by `make` twice with all threads; a forward pass is also created and run for other numbers of threads. The bits
// must be the same every time; those that oneDNN computes on all threads (`thread_count_matters`) only for the same number of threads.
template <typename Make>
void run(Make make, const Operands& o, bool thread_count_matters, const std::string& what) {
  int all = threads();
  std::unique_ptr<Array> first;
  auto once = [&](int count) {
    set_threads(count);
    Primitive* primitive = make();
    void* scratch = memory_allocate(primitive_scratch_bytes(primitive) + 64);
    void* packed = memory_allocate(primitive_packed_bytes(primitive) + 64);
    std::memset(scratch, 0xff, primitive_scratch_bytes(primitive));  // NaN: primitives must not rely on its contents
    Bound* bound =
        primitive_bind(primitive, o.first->data(), o.second->data(), o.bias ? o.bias->f.data() : nullptr,
                       o.residual ? o.residual->data() : nullptr, o.slope ? o.slope->f.data() : nullptr, o.reach ? o.reach->f.data() : nullptr,
                       o.output->data(), o.bias_gradient ? o.bias_gradient->f.data() : nullptr, scratch, packed);
    bound_pack(bound);
    bound_run(bound);
    bound_free(bound);
    primitive_free(primitive);
    memory_free(scratch);
    memory_free(packed);
    set_threads(all);
  };
  once(all);
  first = std::make_unique<Array>(*o.output);
  once(all);
  expect(same_bits(*first, *o.output), what + " differs when repeated");
  if (thread_count_matters) return;
  for (int count : {1, 2, 3, 4, 7}) {
    once(count);
    expect(same_bits(*first, *o.output), what + " depends on the number of threads: " + std::to_string(count));
  }
}

// An array of copies of one image, the first elements of another array.
inline Array repeated(const Array& image, size_t elements, int images) {
  Array all(image.type, elements * images);
  for (size_t i = 0; i < all.size(); i++) all.set(i, image.get(i % elements));
  return all;
}

// Checks that an image has the same bits at any position in a batch of any size. `make` takes the number of images; `o` holds `batch`
// images.
template <typename Make>
void expect_same_in_any_batch(Make make, const Operands& o, int batch, std::initializer_list<int> batches, const std::string& what) {
  std::unique_ptr<Array> first;
  size_t elements = o.output->size() / batch;
  for (int images : batches) {
    Array x = repeated(*o.first, o.first->size() / batch, images), y(o.output->type, elements * images);
    run([&] { return make(images); }, {&x, o.second, o.bias, nullptr, &y, nullptr, nullptr, o.reach}, false, what);
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
