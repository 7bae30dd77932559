// [a, b] along the columns, and its inverse, split. Both only copy bytes.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Concat& o) {
  check(o.rows >= 0 && o.a_columns > 0 && o.b_columns > 0, "concat: ", o.rows, " rows of ", o.a_columns, " and ", o.b_columns);
}
inline void validate(const Backend::Split& o) {
  check(o.rows >= 0 && o.a_columns > 0 && o.b_columns > 0, "split: ", o.rows, " rows of ", o.a_columns, " and ", o.b_columns);
}

template <typename Mark>
void outputs(const Backend::Concat& o, Mark mark) {
  mark(o.y, o.type, o.rows * (o.a_columns + o.b_columns));
}
template <typename Mark>
void outputs(const Backend::Split& o, Mark mark) {
  mark(o.a, o.type, o.rows * o.a_columns);
  mark(o.b, o.type, o.rows * o.b_columns);
}

}  // namespace fizzy
