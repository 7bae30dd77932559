#include <cstdint>

#include "common/bf16.h"
#include "kernels/upsample/upsample.h"

namespace fizzy::reference {

// Calls body(index of channel 0 of a pixel of y, index of channel 0 of its source).
template <typename Body>
static void each(int b, int h, int w, int c, Body body) {
  for (int64_t i = 0; i < b; i++)
    for (int64_t row = 0; row < 2 * h; row++)
      for (int64_t column = 0; column < 2 * w; column++)
        body(((i * 2 * h + row) * 2 * w + column) * c, ((i * h + row / 2) * w + column / 2) * c);
}

void upsample(const Backend::Upsample& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    each(o.b, o.h, o.w, o.c, [&](int64_t to, int64_t from) {
      for (int k = 0; k < o.c; k++) static_cast<T*>(o.y)[to + k] = static_cast<const T*>(o.x)[from + k];
    });
  });
}

void upsample_backward(const Backend::UpsampleBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto up = static_cast<const T*>(o.dy);
    int64_t row = int64_t{2} * o.w * o.c;
    each(o.b, o.h, o.w, o.c, [&](int64_t from, int64_t to) {
      for (int k = 0; k < o.c; k++) {
        if (from % (2 * row) >= row || from / o.c % 2 != 0) continue;  // of four pixels only the upper left one is taken
        int64_t i = from + k;
        double total = double(to_float(up[i])) + to_float(up[i + o.c]) + to_float(up[i + row]) + to_float(up[i + row + o.c]);
        static_cast<T*>(o.dx)[to + k] = from_float<T>(total);
      }
    });
  });
}

}  // namespace fizzy::reference
