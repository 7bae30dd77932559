// Contextual partial dropout (Boutros et al., IDiff-Face, ICCV 2023) preceded by replacing the whole context of a row by a learned empty
// one (classifier-free guidance, Ho & Salimans 2022): y = keep / (1-p) * (whole ? empty : context), keep = [u >= p], u the upper 24 bits of
// the element's word over 2^24.
#pragma once
#include <cmath>

#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

// An element is dropped if word>>8 is below this threshold: 2^24 p rounded up, which is equivalent to u < p.
inline int drop_below(float probability) { return static_cast<int>(std::ceil(std::ldexp(static_cast<double>(probability), 24))); }

// Whether the whole context of row b is dropped.
inline bool drops_whole(float whole_probability, const int* rows, const int* random, int row_purpose, int64_t b) {
  uint32_t words[4];
  random_row(rows, random, row_purpose, b).block(0, words);
  return static_cast<int>(words[0] >> 8) < drop_below(whole_probability);
}

template <typename Call>
void validate_dropout(const char* name, const Call& o) {
  check_random(name, o.purpose, o.batch, o.width);
  check_random(name, o.row_purpose, o.batch, o.width);
  check(o.probability >= 0 && o.probability < 1, name, ": probability ", o.probability, " must be in [0,1)");
  check(o.whole_probability >= 0 && o.whole_probability <= 1, name, ": whole probability ", o.whole_probability, " must be in [0,1]");
}
inline void validate(const Backend::ContextDropout& o) {
  validate_dropout("context_dropout", o);
  check(o.whole_probability == 0 || o.empty != nullptr, "context_dropout: dropping whole contexts needs an empty context");
}
inline void validate(const Backend::ContextDropoutBackward& o) { validate_dropout("context_dropout_backward", o); }
inline void validate_data(const Backend::ContextDropout& o) { check_step("context_dropout", o.random[2]); }
inline void validate_data(const Backend::ContextDropoutBackward& o) { check_step("context_dropout_backward", o.random[2]); }

template <typename Mark>
void outputs(const Backend::ContextDropout& o, Mark mark) {
  mark(o.y, o.type, o.batch * o.width);
}
template <typename Mark>
void outputs(const Backend::ContextDropoutBackward& o, Mark mark) {
  mark(o.dcontext, o.type, o.batch * o.width);
  mark(o.dempty, o.width);
}

}  // namespace fizzy
