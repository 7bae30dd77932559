// Group normalization (Wu & He 2018) with the adaptive scale and shift of Dhariwal & Nichol 2021 and SiLU in the same pass:
//   n = gamma x_hat + beta,  u = (1 + scale) n + shift,  y = SiLU(u) or u,  x_hat = (x - mean) rstd over a group of channels.
#pragma once
#include <algorithm>

#include "common/check.h"
#include "common/host_device.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate_group_norm(const char* name, const Backend::GroupNorm& n) {
  check(n.b > 0 && n.p > 0 && n.g > 0 && n.c > 0 && n.c % n.g == 0, name, ": [", n.b, ",", n.p, ",", n.c, "] in ", n.g, " groups");
  check((n.scale == nullptr) == (n.shift == nullptr), name, ": scale and shift must be both given or both null");
  check(n.scale == nullptr || n.row != nullptr || n.scale_rows == 1 || n.scale_rows == n.b, name, ": ", n.scale_rows,
        " rows of scale for a batch of ", n.b);
}
inline void validate(const Backend::GroupNorm& o) { validate_group_norm("group_norm", o); }
inline void validate(const Backend::GroupNormBackward& o) {
  validate_group_norm("group_norm_backward", o.forward);
  check(o.forward.row == nullptr, "group_norm_backward: there is no gradient of a row of scale that is chosen by number");
}
inline void validate_data(const Backend::GroupNorm& o) {
  check(o.scale == nullptr || o.row == nullptr || (*o.row >= 0 && *o.row < o.scale_rows), "group_norm: row ", o.row ? *o.row : 0, " of ",
        o.scale_rows, " rows of scale");
}

// The first element of the row of scale and shift that image i uses.
FIZZY_HOST_DEVICE inline int64_t scale_row(const int* row, int scale_rows, int c, int64_t i) {
  return row ? int64_t{*row} * c : scale_rows == 1 ? 0 : i * c;
}
inline int64_t scale_row(const Backend::GroupNorm& n, int64_t i) { return scale_row(n.row, n.scale_rows, n.c, i); }

template <typename Mark>
void outputs(const Backend::GroupNorm& o, Mark mark) {
  if (o.y != o.x) mark(o.y, o.type, int64_t{o.b} * o.p * o.c);
  mark(o.mean, int64_t{o.b} * o.g);
  mark(o.rstd, int64_t{o.b} * o.g);
}
template <typename Mark>
void outputs(const Backend::GroupNormBackward& o, Mark mark) {
  const Backend::GroupNorm& n = o.forward;
  if (o.dx != o.dy) mark(o.dx, n.type, int64_t{n.b} * n.p * n.c);
  mark(o.dgamma, n.c);
  mark(o.dbeta, n.c);
  mark(o.dscale, n.type, int64_t{n.scale_rows} * n.c);
  mark(o.dshift, n.type, int64_t{n.scale_rows} * n.c);
}

namespace cpu {

// Pixels are cut into chunks of about 128 KiB of f32, which are read twice, the second time from the level-2 cache; there are enough of
// them to divide one large image among threads. Chunks depend on the shape alone.
inline int chunk_pixels(const Backend::GroupNorm& n) { return std::max(8, (1 << 15) / n.c); }
inline int chunks(const Backend::GroupNorm& n) { return (n.p + chunk_pixels(n) - 1) / chunk_pixels(n); }

// Floats of scratch per image: two sums per channel in double, up to six coefficients per channel, two partial sums per chunk.
inline int64_t image_scratch(const Backend::GroupNorm& n) { return (10 + 2 * int64_t{chunks(n)}) * n.c; }
inline int64_t scratch_bytes(const Backend::GroupNorm& n) { return n.b * image_scratch(n) * int64_t{sizeof(float)}; }
inline int64_t scratch_bytes(const Backend::GroupNormBackward& o) { return scratch_bytes(o.forward); }

}  // namespace cpu

}  // namespace fizzy
