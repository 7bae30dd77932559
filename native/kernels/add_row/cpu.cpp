#include "kernels/add_row/add_row.h"

#include "common/parallel.h"
#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {

void add_row(const Backend::AddRow& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto row = static_cast<const T*>(o.table) + int64_t{*o.row} * o.columns;
    parallel_for(o.rows, [&](int64_t r) {
      auto x = static_cast<const T*>(o.x) + r * o.columns;
      auto y = static_cast<T*>(o.y) + r * o.columns;
      int c = 0;
      for (; c + LANES <= o.columns; c += LANES) store(y + c, load(x + c) + load(row + c));
      if (c < o.columns) store_part(y + c, load_part(x + c, o.columns - c) + load_part(row + c, o.columns - c), o.columns - c);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
