#include "common/bf16.h"
#include "kernels/broadcast/broadcast.h"

namespace fizzy::reference {

void broadcast(int type, const float* x, void* y, int rows, int columns) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int r = 0; r < rows; r++)
      for (int c = 0; c < columns; c++) static_cast<T*>(y)[int64_t(r) * columns + c] = from_float<T>(x[c]);
  });
}

}  // namespace fizzy::reference
