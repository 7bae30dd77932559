#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/broadcast/broadcast.h"

namespace fizzy::FIZZY_LEVEL {

void broadcast(const Backend::Broadcast& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_for(o.rows, [&](int64_t r) {
      T* out = static_cast<T*>(o.y) + r * o.columns;
      int c = 0;
      for (; c + LANES <= o.columns; c += LANES) store(out + c, load(o.x + c));
      if (c < o.columns) store_part(out + c, load_part(o.x + c, o.columns - c), o.columns - c);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
