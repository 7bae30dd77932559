// The forward process xt = alpha x0 + sigma noise (Ho et al. 2020) and the network's target: the noise, or v = alpha noise - sigma x0
// (Salimans & Ho 2022).
#pragma once
#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::QSample& o) { check_random("q_sample", o.purpose, o.batch, o.n); }
inline void validate_data(const Backend::QSample& o) { check_step("q_sample", o.random[2]); }

template <typename Mark>
void outputs(const Backend::QSample& o, Mark mark) {
  mark(o.xt, o.type, o.batch * o.n);
  mark(o.target, o.batch * o.n);
}

}  // namespace fizzy
