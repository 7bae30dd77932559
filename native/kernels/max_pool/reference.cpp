#include <algorithm>
#include <cmath>

#include "common/bf16.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::reference {

void max_pool(const Backend::MaxPool& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    int oh = max_pool_extent(o.h, o.k, o.stride, o.ceil), ow = max_pool_extent(o.w, o.k, o.stride, o.ceil);
    for (int64_t i = 0; i < o.b; i++)
      for (int64_t row = 0; row < oh; row++)
        for (int64_t column = 0; column < ow; column++)
          for (int channel = 0; channel < o.c; channel++) {
            float most = -INFINITY;
            for (int64_t p = row * o.stride; p < std::min<int64_t>(o.h, row * o.stride + o.k); p++)
              for (int64_t q = column * o.stride; q < std::min<int64_t>(o.w, column * o.stride + o.k); q++)
                most = std::max(most, to_float(static_cast<const T*>(o.x)[((i * o.h + p) * o.w + q) * o.c + channel]));
            static_cast<T*>(o.y)[((i * oh + row) * ow + column) * o.c + channel] = from_float<T>(most);
          }
  });
}

}  // namespace fizzy::reference
