#include "common/bf16.h"
#include "kernels/broadcast/broadcast.h"

namespace fizzy::reference {

void broadcast(const Backend::Broadcast& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int r = 0; r < o.rows; r++)
      for (int c = 0; c < o.columns; c++) static_cast<T*>(o.y)[int64_t(r) * o.columns + c] = from_float<T>(o.x[c]);
  });
}

}  // namespace fizzy::reference
