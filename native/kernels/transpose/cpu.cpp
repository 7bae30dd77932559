// In tiles of which source and target fit the level-1 cache together, so that memory is read once and written once.
#include "common/bf16.h"
#include "common/parallel.h"
#include "kernels/transpose/transpose.h"

namespace fizzy::FIZZY_LEVEL {

void transpose(const Backend::Transpose& o) {
  constexpr int TILE = 32;
  int64_t bands = (o.r + TILE - 1) / TILE;
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_for(o.b * bands, [&](int64_t i) {
      auto from = static_cast<const T*>(o.x) + i / bands * o.r * o.c;
      auto to = static_cast<T*>(o.y) + i / bands * o.r * o.c;
      int64_t top = i % bands * TILE, bottom = top + TILE < o.r ? top + TILE : o.r;
      for (int64_t left = 0; left < o.c; left += TILE) {
        int64_t right = left + TILE < o.c ? left + TILE : o.c;
        for (int64_t column = left; column < right; column++)
          for (int64_t row = top; row < bottom; row++) to[column * o.r + row] = from[row * o.c + column];
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
