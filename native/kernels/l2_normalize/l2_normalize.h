// y = x / max(|x|, 1e-12) for each row of [R,C], and the norms themselves; dx = (dy - y (y . dy)) / max(|x|, 1e-12).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

constexpr float L2_SMALLEST = 1e-12f;  // torch.nn.functional.normalize's eps

inline void validate(const Backend::L2Normalize& o) { check(o.rows > 0 && o.c > 0, "l2_normalize: ", o.rows, " rows of ", o.c); }
inline void validate(const Backend::L2NormalizeBackward& o) {
  check(o.rows > 0 && o.c > 0, "l2_normalize_backward: ", o.rows, " rows of ", o.c);
}

template <typename Mark>
void outputs(const Backend::L2Normalize& o, Mark mark) {
  if (o.y != o.x) mark(o.y, o.rows * o.c);
  mark(o.norm, o.rows);
}
template <typename Mark>
void outputs(const Backend::L2NormalizeBackward& o, Mark mark) {
  if (o.dx != o.dy) mark(o.dx, o.rows * o.c);
}

}  // namespace fizzy
