// One read and one write of each element; forward reads a quarter of what it writes.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/upsample/upsample.h"

namespace fizzy::FIZZY_LEVEL {

void upsample(int type, const void* x, void* y, int b, int h, int w, int c) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_for(int64_t{b} * h, [&](int64_t row) {
      auto from = static_cast<const T*>(x) + row * w * c;
      auto to = static_cast<T*>(y) + 4 * row * w * c;
      for (int64_t i = 0; i < w; i++) {
        std::memcpy(to + 2 * i * c, from + i * c, c * sizeof(T));
        std::memcpy(to + (2 * i + 1) * c, from + i * c, c * sizeof(T));
      }
      std::memcpy(to + int64_t{2} * w * c, to, 2 * w * c * sizeof(T));
    });
  });
}

void upsample_backward(int type, const void* dy, void* dx, int b, int h, int w, int c) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_for(int64_t{b} * h, [&](int64_t row) {
      for (int64_t i = 0; i < w; i++) {
        auto upper = static_cast<const T*>(dy) + (4 * row * w + 2 * i) * c;
        auto lower = upper + int64_t{2} * w * c;
        auto to = static_cast<T*>(dx) + (row * w + i) * c;
        int k = 0;
        for (; k + LANES <= c; k += LANES) store(to + k, (load(upper + k) + load(upper + c + k)) + (load(lower + k) + load(lower + c + k)));
        for (; k < c; k++) to[k] = from_float<T>((to_float(upper[k]) + to_float(upper[c + k])) + (to_float(lower[k]) + to_float(lower[c + k])));
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
