#include "kernels/add_row/add_row.h"

#include "common/bf16.h"

namespace fizzy::reference {

void add_row(const Backend::AddRow& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto x = static_cast<const T*>(o.x), row = static_cast<const T*>(o.table) + int64_t{*o.row} * o.columns;
    for (int64_t i = 0; i < o.rows * o.columns; i++) static_cast<T*>(o.y)[i] = from_float<T>(to_float(x[i]) + to_float(row[i % o.columns]));
  });
}

}  // namespace fizzy::reference
