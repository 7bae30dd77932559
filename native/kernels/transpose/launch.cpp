// y[b][c][r] = x[b][r][c]. Bytes move and nothing is computed, so one implementation serves all levels: tiles that fit the
// level-1 cache both ways, so that memory is read once and written once.
#include "common/bf16.h"
#include "common/check.h"
#include "common/parallel.h"
#include "fizzy/kernels.h"

namespace fizzy {

void transpose(int type, const void* x, void* y, int b, int r, int c) {
  check((type == 0 || type == 1) && b > 0 && r > 0 && c > 0, "transpose: type ", type, " [", b, ",", r, ",", c, "]");
  constexpr int TILE = 32;
  int64_t bands = (r + TILE - 1) / TILE;
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_for(b * bands, [&](int64_t i) {
      auto from = static_cast<const T*>(x) + i / bands * r * c;
      auto to = static_cast<T*>(y) + i / bands * r * c;
      int64_t top = i % bands * TILE, bottom = top + TILE < r ? top + TILE : r;
      for (int64_t left = 0; left < c; left += TILE) {
        int64_t right = left + TILE < c ? left + TILE : c;
        for (int64_t column = left; column < right; column++)
          for (int64_t row = top; row < bottom; row++) to[column * r + row] = from[row * c + column];
      }
    });
  });
}

}  // namespace fizzy
