#include <algorithm>
#include <cmath>

#include "common/bf16.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::reference {

void max_pool(int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    int oh = max_pool_extent(h, k, stride, ceil), ow = max_pool_extent(w, k, stride, ceil);
    for (int64_t i = 0; i < b; i++)
      for (int64_t row = 0; row < oh; row++)
        for (int64_t column = 0; column < ow; column++)
          for (int channel = 0; channel < c; channel++) {
            float most = -INFINITY;
            for (int64_t p = row * stride; p < std::min<int64_t>(h, row * stride + k); p++)
              for (int64_t q = column * stride; q < std::min<int64_t>(w, column * stride + k); q++)
                most = std::max(most, to_float(static_cast<const T*>(x)[((i * h + p) * w + q) * c + channel]));
            static_cast<T*>(y)[((i * oh + row) * ow + column) * c + channel] = from_float<T>(most);
          }
  });
}

}  // namespace fizzy::reference
