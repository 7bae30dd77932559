// Floor: forward reads x and writes y, backward reads x and dy and writes dx.
#include "common/channels.h"
#include "kernels/prelu/prelu.h"

namespace fizzy::FIZZY_LEVEL {

void prelu(const Backend::PRelu& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    by_flag(past_caches<T>(o.rows * o.c, o.c, o.y), [&](auto streams) {
      parallel_row_chunks(o.rows, prelu_chunk_rows(o.c), false, [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
          auto from = static_cast<const T*>(o.x) + r * o.c;
          auto to = static_cast<T*>(o.y) + r * o.c;
          channels<streams()>(o.c, [&](auto in, auto out) {
            vfloat v = in(from);
            out(to, v > 0 ? v : v * in(o.slope));
          });
        }
        if (streams()) stream_end();
      });
    });
  });
}

void prelu_backward(const Backend::PReluBackward& o) {
  auto sums = static_cast<double*>(o.scratch);
  float* partial = reinterpret_cast<float*>(sums + o.c);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_row_chunks(o.rows, prelu_chunk_rows(o.c), false, [&](int64_t chunk, int64_t begin, int64_t end) {
      float* sum = partial + chunk * o.c;
      std::memset(sum, 0, o.c * sizeof(float));
      for (int64_t r = begin; r < end; r++) {
        auto from = static_cast<const T*>(o.x) + r * o.c;
        auto up = static_cast<const T*>(o.dy) + r * o.c;
        auto down = static_cast<T*>(o.dx) + r * o.c;
        channels(o.c, [&](auto in, auto out) {
          vfloat v = in(from), d = in(up);
          out(sum, fma(v > 0 ? vfloat{} : v, d, in(sum)));
          if (o.dx) out(down, v > 0 ? d : d * in(o.slope));
        });
      }
    });
  });
  if (!o.dslope) return;
  sum_chunks(partial, prelu_chunks(o.rows, o.c), 1, o.c, &sums);
  for (int i = 0; i < o.c; i++) o.dslope[i] = static_cast<float>(sums[i]);
}

}  // namespace fizzy::FIZZY_LEVEL
