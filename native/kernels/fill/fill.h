// y = value.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Fill& o) { check(o.n >= 0, "fill: n ", o.n); }

template <typename Mark>
void outputs(const Backend::Fill& o, Mark mark) {
  mark(o.y, o.n);
}

}  // namespace fizzy
