// One read and one write of each element; forward reads a quarter of what it writes.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/upsample/upsample.h"

namespace fizzy::FIZZY_LEVEL {

void upsample(const Backend::Upsample& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_for(int64_t{o.b} * o.h, [&](int64_t row) {
      auto from = static_cast<const T*>(o.x) + row * o.w * o.c;
      auto to = static_cast<T*>(o.y) + 4 * row * o.w * o.c;
      for (int64_t i = 0; i < o.w; i++) {
        std::memcpy(to + 2 * i * o.c, from + i * o.c, o.c * sizeof(T));
        std::memcpy(to + (2 * i + 1) * o.c, from + i * o.c, o.c * sizeof(T));
      }
      std::memcpy(to + int64_t{2} * o.w * o.c, to, 2 * o.w * o.c * sizeof(T));
    });
  });
}

void upsample_backward(const Backend::UpsampleBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_for(int64_t{o.b} * o.h, [&](int64_t row) {
      for (int64_t i = 0; i < o.w; i++) {
        auto upper = static_cast<const T*>(o.dy) + (4 * row * o.w + 2 * i) * o.c;
        auto lower = upper + int64_t{2} * o.w * o.c;
        auto to = static_cast<T*>(o.dx) + (row * o.w + i) * o.c;
        int k = 0;
        for (; k + LANES <= o.c; k += LANES)
          store(to + k, (load(upper + k) + load(upper + o.c + k)) + (load(lower + k) + load(lower + o.c + k)));
        for (; k < o.c; k++)
          to[k] = from_float<T>((to_float(upper[k]) + to_float(upper[o.c + k])) + (to_float(lower[k]) + to_float(lower[o.c + k])));
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
