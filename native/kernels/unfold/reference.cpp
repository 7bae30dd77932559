#include "kernels/unfold/unfold.h"

#include <cstddef>

#include "common/bf16.h"

namespace fizzy::reference {

void unfold(int type, const Window& w, const void* x, void* y) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(x);
    auto out = static_cast<T*>(y);
    for (int b = 0; b < w.batch; b++)
      for (int i = 0; i < w.out_height; i++)
        for (int j = 0; j < w.out_width; j++)
          for (int c = 0; c < w.channels; c++)
            for (int p = 0; p < w.k; p++)
              for (int q = 0; q < w.k; q++) {
                int row = i * w.stride - w.top + p, column = j * w.stride - w.left + q;
                bool inside = row >= 0 && row < w.height && column >= 0 && column < w.width;
                *out++ = inside ? in[((static_cast<size_t>(b) * w.height + row) * w.width + column) * w.channels + c] : T{};
              }
  });
}

}  // namespace fizzy::reference
