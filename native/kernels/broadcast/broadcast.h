// y[r][c] = x[c]: copies one f32 row to every row, in the type of the activations.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Broadcast& o) {
  check(o.rows >= 0 && o.columns > 0, "broadcast: ", o.rows, " rows, ", o.columns, " columns");
}

template <typename Mark>
void outputs(const Backend::Broadcast& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.rows} * o.columns);
}

}  // namespace fizzy
