// y[b][c][r] = x[b][r][c]; only copies bytes.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Transpose& o) { check(o.b > 0 && o.r > 0 && o.c > 0, "transpose: [", o.b, ",", o.r, ",", o.c, "]"); }

template <typename Mark>
void outputs(const Backend::Transpose& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.b} * o.r * o.c);
}

}  // namespace fizzy
