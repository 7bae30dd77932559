// Sinusoidal embedding of diffusion times (Ho et al. 2020): cos(t f_i), then sin(t f_i), f_i = 10000^(-i / (width / 2)).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::TimestepEmbedding& o) {
  check(o.batch >= 1 && o.width >= 2 && o.width % 2 == 0, "timestep_embedding: batch ", o.batch, ", width ", o.width, "; the width is even");
}

template <typename Mark>
void outputs(const Backend::TimestepEmbedding& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.batch} * o.width);
}

}  // namespace fizzy
