// y[r][c] = x[r][c] + table[row][c]: adds one row, chosen by number, to every row.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::AddRow& o) {
  check(o.rows > 0 && o.columns > 0 && o.count > 0, "add_row: [", o.rows, ",", o.columns, "] and ", o.count, " rows to choose from");
}
inline void validate_data(const Backend::AddRow& o) { check(*o.row >= 0 && *o.row < o.count, "add_row: row ", *o.row, " of ", o.count); }

template <typename Mark>
void outputs(const Backend::AddRow& o, Mark mark) {
  if (o.y != o.x) mark(o.y, o.type, o.rows * o.columns);
}

}  // namespace fizzy
