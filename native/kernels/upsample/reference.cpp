#include <cstdint>

#include "common/bf16.h"
#include "kernels/upsample/upsample.h"

namespace fizzy::reference {

// body(index of a pixel of y's channel 0, index of its source's)
template <typename Body>
static void each(int b, int h, int w, int c, Body body) {
  for (int64_t i = 0; i < b; i++)
    for (int64_t row = 0; row < 2 * h; row++)
      for (int64_t column = 0; column < 2 * w; column++)
        body(((i * 2 * h + row) * 2 * w + column) * c, ((i * h + row / 2) * w + column / 2) * c);
}

void upsample(int type, const void* x, void* y, int b, int h, int w, int c) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    each(b, h, w, c, [&](int64_t to, int64_t from) {
      for (int k = 0; k < c; k++) static_cast<T*>(y)[to + k] = static_cast<const T*>(x)[from + k];
    });
  });
}

void upsample_backward(int type, const void* dy, void* dx, int b, int h, int w, int c) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    auto up = static_cast<const T*>(dy);
    int64_t row = int64_t{2} * w * c;
    each(b, h, w, c, [&](int64_t from, int64_t to) {
      for (int k = 0; k < c; k++) {
        if (from % (2 * row) >= row || from / c % 2 != 0) continue;  // the upper left of four stands for them
        int64_t i = from + k;
        double total = double(to_float(up[i])) + to_float(up[i + c]) + to_float(up[i + row]) + to_float(up[i + row + c]);
        static_cast<T*>(dx)[to + k] = from_float<T>(total);
      }
    });
  });
}

}  // namespace fizzy::reference
