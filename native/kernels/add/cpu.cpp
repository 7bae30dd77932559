#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/add/add.h"

namespace fizzy::FIZZY_LEVEL {

void add(int type, const void* a, const void* b, void* y, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    auto left = static_cast<const T*>(a), right = static_cast<const T*>(b);
    auto out = static_cast<T*>(y);
    parallel_chunks(n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, load(left + i) + load(right + i));
      if (i < end) store_part(out + i, load_part(left + i, end - i) + load_part(right + i, end - i), end - i);
    });
  });
}

void fill_value(float* y, float value, int64_t n) {
  parallel_chunks(n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) y[i] = value;
  });
}

}  // namespace fizzy::FIZZY_LEVEL
