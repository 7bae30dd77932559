#include "kernels/transpose/transpose.h"

#include "common/bf16.h"

namespace fizzy::reference {

void transpose(const Backend::Transpose& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t b = 0; b < o.b; b++)
      for (int64_t r = 0; r < o.r; r++)
        for (int64_t c = 0; c < o.c; c++) static_cast<T*>(o.y)[(b * o.c + c) * o.r + r] = static_cast<const T*>(o.x)[(b * o.r + r) * o.c + c];
  });
}

}  // namespace fizzy::reference
