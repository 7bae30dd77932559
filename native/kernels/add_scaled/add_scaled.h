// y = a + scale b, with a scale that lies on the device.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::AddScaled& o) { check(o.n >= 0, "add_scaled: n ", o.n); }

template <typename Mark>
void outputs(const Backend::AddScaled& o, Mark mark) {
  if (o.y != o.a) mark(o.y, o.type, o.n);
}

}  // namespace fizzy
