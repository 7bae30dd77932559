// Floor: k^2 values read for each one written, over bandwidth.
#include "kernels/fold/fold.h"

#include "common/bf16.h"
#include "common/parallel.h"

namespace fizzy::FIZZY_LEVEL {

void fold(int type, const Window& w, const float* columns, void* x) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    int taps = w.k * w.k;
    parallel_for(int64_t{w.batch} * w.height * w.width, [&](int64_t pixel) {
      int column = pixel % w.width, row = pixel / w.width % w.height;
      int64_t b = pixel / w.width / w.height;
      const float* from[MAX_FOLDED_K * MAX_FOLDED_K];
      int count = 0;
      for (int p = 0; p < w.k; p++)
        for (int q = 0; q < w.k; q++) {
          int down = row + w.top - p, along = column + w.left - q;
          bool window = down >= 0 && along >= 0 && down % w.stride == 0 && along % w.stride == 0;
          int i = down / w.stride, j = along / w.stride;
          if (window && i < w.out_height && j < w.out_width)
            from[count++] = columns + ((b * w.out_height + i) * w.out_width + j) * w.taps() + p * w.k + q;
        }
      T* out = static_cast<T*>(x) + pixel * w.channels;
      for (int c = 0; c < w.channels; c++) {
        float sum = 0;
        for (int n = 0; n < count; n++) sum += from[n][c * taps];
        out[c] = from_float<T>(sum);
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
