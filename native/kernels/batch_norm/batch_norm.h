// Batch normalization (Ioffe & Szegedy 2015), with the PReLU or residual that follows it in iResNet computed in the same pass:
//   u = gamma x_hat + beta,  y = PReLU(u) or u + residual,  x_hat = (x - mean) rstd, over the rows of [R,C].
#pragma once
#include <algorithm>

#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate_batch_norm(const char* name, const Backend::BatchNorm& n) {
  check(n.rows > 0 && n.c > 0, name, ": ", n.rows, " rows of ", n.c, " channels");
  check(n.slope == nullptr || n.residual == nullptr, name, ": PReLU and a residual exclude each other");
  check(!n.training || n.rows > 1, name, ": one row has no variance; training needs at least two");
}
inline void validate(const Backend::BatchNorm& o) { validate_batch_norm("batch_norm", o); }
inline void validate(const Backend::BatchNormBackward& o) {
  validate_batch_norm("batch_norm_backward", o.forward);
  check(o.forward.training && o.forward.residual == nullptr, "batch_norm_backward: supports training only, without residual");
}

template <typename Mark>
void outputs(const Backend::BatchNorm& o, Mark mark) {
  if (o.y != o.x && o.y != o.residual) mark(o.y, o.type, o.rows * o.c);
  mark(o.mean, o.c);
  mark(o.rstd, o.c);
}
template <typename Mark>
void outputs(const Backend::BatchNormBackward& o, Mark mark) {
  const Backend::BatchNorm& n = o.forward;
  if (o.dx != o.dy) mark(o.dx, n.type, n.rows * n.c);
  mark(o.dgamma, n.c);
  mark(o.dbeta, n.c);
  if (n.slope) mark(o.dslope, n.c);
}

namespace cpu {

// Rows are cut into chunks of about 128 KiB of f32, which are read twice, the second time from the level-2 cache. Chunks depend on the
// shape alone.
inline int64_t chunk_rows(const Backend::BatchNorm& n) { return std::max(8, (1 << 15) / n.c); }
inline int64_t chunks(const Backend::BatchNorm& n) { return (n.rows + chunk_rows(n) - 1) / chunk_rows(n); }

// Three sums per channel in double, five coefficients per channel, three partial sums per chunk.
inline int64_t scratch_bytes(const Backend::BatchNorm& n) { return (6 + 5 + 3 * chunks(n)) * n.c * int64_t{sizeof(float)}; }
inline int64_t scratch_bytes(const Backend::BatchNormBackward& o) { return scratch_bytes(o.forward); }

}  // namespace cpu

}  // namespace fizzy
