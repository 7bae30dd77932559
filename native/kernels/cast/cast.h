// f32 to bf16 (to nearest even) and back (exact).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Cast& o) {
  check((o.from == 0 || o.from == 1) && (o.to == 0 || o.to == 1) && o.n >= 0, "cast: type ", o.from, " to ", o.to, ", n ", o.n);
}

template <typename Mark>
void outputs(const Backend::Cast& o, Mark mark) {
  mark(o.y, o.to, o.n);
}

}  // namespace fizzy
