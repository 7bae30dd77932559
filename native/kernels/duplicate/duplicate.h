// Two copies of the batch, one after the other.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Duplicate& o) {
  check(o.bytes >= 0 && o.bytes % 2 == 0, "duplicate: ", o.bytes, " bytes, which must be even");
}

template <typename Mark>
void outputs(const Backend::Duplicate& o, Mark mark) {
  mark(static_cast<char*>(o.y), 2 * o.bytes);
}

}  // namespace fizzy
