// PReLU (He et al. 2015): y = x where x > 0, else slope x, with one learned slope per channel; x [R,C].
#pragma once
#include <algorithm>

#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

// Rows are cut into chunks of about 128 KiB of f32, which depend on the shape alone; each gives a partial sum per channel.
inline int64_t prelu_chunk_rows(int c) { return std::max(8, (1 << 15) / c); }
inline int64_t prelu_chunks(int64_t rows, int c) { return (rows + prelu_chunk_rows(c) - 1) / prelu_chunk_rows(c); }

inline void validate(const Backend::PRelu& o) { check(o.rows > 0 && o.c > 0, "prelu: ", o.rows, " rows of ", o.c, " channels"); }
inline void validate(const Backend::PReluBackward& o) {
  check(o.rows > 0 && o.c > 0, "prelu_backward: ", o.rows, " rows of ", o.c, " channels");
}

template <typename Mark>
void outputs(const Backend::PRelu& o, Mark mark) {
  if (o.y != o.x) mark(o.y, o.type, o.rows * o.c);
}
template <typename Mark>
void outputs(const Backend::PReluBackward& o, Mark mark) {
  if (o.dx != o.dy) mark(o.dx, o.type, o.rows * o.c);
  mark(o.dslope, o.c);
}

namespace cpu {
inline int64_t scratch_bytes(const Backend::PReluBackward& o) {
  return o.c * (int64_t{sizeof(double)} + prelu_chunks(o.rows, o.c) * int64_t{sizeof(float)});
}
}  // namespace cpu

}  // namespace fizzy
