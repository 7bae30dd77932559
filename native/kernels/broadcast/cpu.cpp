#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/broadcast/broadcast.h"

namespace fizzy::FIZZY_LEVEL {

void broadcast(int type, const float* x, void* y, int rows, int columns) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_for(rows, [&](int64_t r) {
      T* out = static_cast<T*>(y) + r * columns;
      int c = 0;
      for (; c + LANES <= columns; c += LANES) store(out + c, load(x + c));
      if (c < columns) store_part(out + c, load_part(x + c, columns - c), columns - c);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
