// y = a + b.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Add& o) { check(o.n >= 0, "add: n ", o.n); }

template <typename Mark>
void outputs(const Backend::Add& o, Mark mark) {
  mark(o.y, o.type, o.n);
}

}  // namespace fizzy
