// y = exp(x - max) / sum of exp(x - max) over rows of [rows, columns]; dx = y (dy - sum of dy y).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Softmax& o) { check(o.rows >= 0 && o.columns > 0, "softmax: [", o.rows, ",", o.columns, "]"); }
inline void validate(const Backend::SoftmaxBackward& o) {
  check(o.rows >= 0 && o.columns > 0, "softmax_backward: [", o.rows, ",", o.columns, "]");
}

template <typename Mark>
void outputs(const Backend::Softmax& o, Mark mark) {
  if (o.y != o.x) mark(o.y, o.type, o.rows * o.columns);
}
template <typename Mark>
void outputs(const Backend::SoftmaxBackward& o, Mark mark) {
  if (o.dx != o.dy) mark(o.dx, o.type, o.rows * o.columns);
}

}  // namespace fizzy
