// Floor: forward reads x and writes y, backward reads x and dy and writes dx.
#include "common/channels.h"
#include "kernels/prelu/prelu.h"

namespace fizzy::FIZZY_LEVEL {

void prelu(int type, const void* x, const float* slope, void* y, int64_t rows, int c) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    by_flag(past_caches<T>(rows * c, c, y), [&](auto streams) {
      parallel_row_chunks(rows, prelu_chunk_rows(c), false, [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
          auto from = static_cast<const T*>(x) + r * c;
          auto to = static_cast<T*>(y) + r * c;
          channels<streams()>(c, [&](auto in, auto out) {
            vfloat v = in(from);
            out(to, v > 0 ? v : v * in(slope));
          });
        }
        if (streams()) stream_end();
      });
    });
  });
}

void prelu_backward(int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c, void* scratch) {
  auto sums = static_cast<double*>(scratch);
  float* partial = reinterpret_cast<float*>(sums + c);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_row_chunks(rows, prelu_chunk_rows(c), false, [&](int64_t chunk, int64_t begin, int64_t end) {
      float* sum = partial + chunk * c;
      std::memset(sum, 0, c * sizeof(float));
      for (int64_t r = begin; r < end; r++) {
        auto from = static_cast<const T*>(x) + r * c;
        auto up = static_cast<const T*>(dy) + r * c;
        auto down = static_cast<T*>(dx) + r * c;
        channels(c, [&](auto in, auto out) {
          vfloat v = in(from), d = in(up);
          out(sum, fma(v > 0 ? vfloat{} : v, d, in(sum)));
          if (dx) out(down, v > 0 ? d : d * in(slope));
        });
      }
    });
  });
  if (!dslope) return;
  sum_chunks(partial, prelu_chunks(rows, c), 1, c, &sums);
  for (int i = 0; i < c; i++) dslope[i] = static_cast<float>(sums[i]);
}

}  // namespace fizzy::FIZZY_LEVEL
