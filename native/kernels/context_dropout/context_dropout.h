// Contextual partial dropout (Boutros et al., IDiff-Face, ICCV 2023) with, before it, the whole context of a row replaced by a
// learned empty one (classifier-free guidance, Ho & Salimans 2022):
// y = keep / (1-p) * (whole ? empty : context), keep = [u >= p], u the upper 24 bits of the element's word over 2^24.
#pragma once
#include <cmath>
#include <cstdint>

#include "common/level.h"
#include "common/philox.h"

namespace fizzy {
FIZZY_KERNEL(context_dropout, int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
             const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width)
FIZZY_KERNEL(context_dropout_backward, int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
             int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width)

// A word is dropped where word>>8 is below this: 2^24 p, rounded up, so that u < p holds exactly there.
inline int drop_below(float probability) { return static_cast<int>(std::ceil(std::ldexp(static_cast<double>(probability), 24))); }

// Whether row b loses its whole context.
inline bool drops_whole(float whole_probability, const int* rows, const int* random, int row_purpose, int64_t b) {
  uint32_t words[4];
  random_row(rows, random, row_purpose, b).block(0, words);
  return static_cast<int>(words[0] >> 8) < drop_below(whole_probability);
}
}  // namespace fizzy
