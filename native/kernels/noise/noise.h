// N(0, 1) numbers, addressed by row, purpose and step: Box-Muller over Philox 4x32-10 (common/philox.h, common/normal.h).
#pragma once
#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Noise& o) { check_random("noise", o.purpose, o.batch, o.n); }
inline void validate_data(const Backend::Noise& o) { check_step("noise", o.random[2]); }

template <typename Mark>
void outputs(const Backend::Noise& o, Mark mark) {
  mark(o.y, o.batch * o.n);
}

}  // namespace fizzy
