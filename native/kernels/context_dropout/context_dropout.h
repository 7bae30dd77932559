// Contextual partial dropout (Boutros et al., IDiff-Face, ICCV 2023) preceded by replacing the whole context of a row by a learned empty
// one (classifier-free guidance, Ho & Salimans 2022): y = keep / (1-p) * (whole ? empty : context), keep = [u >= p], u the upper 24 bits of
// the element's word over 2^24. Each row draws its p between probability and probability_to.
#pragma once
#include <cmath>

#include "common/host_device.h"
#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

// An element is dropped if word>>8 is below this threshold: 2^24 p rounded up, which is equivalent to u < p.
inline int drop_below(float probability) { return static_cast<int>(std::ceil(std::ldexp(static_cast<double>(probability), 24))); }

// Whether the whole context of a row is dropped, and the threshold and the factor of its elements.
struct RowDropout {
  bool whole;
  int below;
  float scale;
};

// What the rows of a call have in common.
struct DropoutRange {
  int whole_below, below, span;  // a row's threshold is from below to below + span
  float scale;                   // of below
  // words: the first block of the row. The threshold is an integer, so that it is the same on every device.
  FIZZY_HOST_DEVICE RowDropout row(const uint32_t* words) const {
    int own = below + static_cast<int>(int64_t{span} * (words[1] >> 8) >> 24);
    return {static_cast<int>(words[0] >> 8) < whole_below, own, span == 0 ? scale : 1 / (1 - static_cast<float>(own) * 0x1p-24f)};
  }
};

// Inlined, as everything here that cpu.cpp compiles for one level.
template <typename Call>
[[gnu::always_inline]] inline DropoutRange dropout_range(const Call& o) {
  int below = drop_below(o.probability);
  return {drop_below(o.whole_probability), below, drop_below(o.probability_to) - below, 1 / (1 - o.probability)};
}

// The draw of row b of a call.
template <typename Call>
[[gnu::always_inline]] inline RowDropout row_dropout(const Call& o, const DropoutRange& range, int64_t b) {
  uint32_t words[4];
  random_row(o.rows, o.random, o.row_purpose, b).block(0, words);
  return range.row(words);
}

template <typename Call>
void validate_dropout(const char* name, const Call& o) {
  check_random(name, o.purpose, o.batch, o.width);
  check_random(name, o.row_purpose, o.batch, o.width);
  check(o.probability >= 0 && o.probability < 1, name, ": probability ", o.probability, " must be in [0,1)");
  check(o.probability_to >= o.probability && o.probability_to < 1, name, ": probability_to ", o.probability_to, " must be in [", o.probability,
        ",1)");
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
