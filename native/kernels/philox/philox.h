// Plain Philox 4x32-10 (Salmon et al., SC 2011), with which tests compare all other random kernels.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Philox& o) { check(o.n >= 0, "philox: n ", o.n); }

template <typename Mark>
void outputs(const Backend::Philox& o, Mark mark) {
  mark(o.words, 4 * o.n);
}

}  // namespace fizzy
