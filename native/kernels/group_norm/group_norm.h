// Group normalisation (Wu & He 2018) with the adaptive scale and shift of Dhariwal & Nichol 2021 and SiLU in the same pass:
//   n = gamma x_hat + beta,  u = (1 + scale) n + shift,  y = SiLU(u) or u,  x_hat = (x - mean) rstd over a group of channels.
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/level.h"

namespace fizzy {

struct GroupNorm {
  int type;
  const void* x;              // [B,P,C]
  const float *gamma, *beta;  // [C]
  const void *scale, *shift;  // [scale_rows,C] in x's type, or both null
  int scale_rows;             // 1 or B
  float *mean, *rstd;         // [B,G]: written by forward, read by backward
  int b, p, c, g;
  float eps;
  bool silu;
  void* scratch;  // group_norm_scratch(b, p, c) bytes

  // Row of scale and shift that image i uses.
  int64_t scale_row(int64_t i) const { return scale_rows == 1 ? 0 : i * c; }

  // Pixels are cut into chunks of about 128 KiB of f32: read twice, the second time from the level-2 cache, and many enough
  // to share one large image between threads. They depend on the shape alone.
  static int chunk_pixels(int c) { return std::max(8, (1 << 15) / c); }
  static int chunks(int p, int c) { return (p + chunk_pixels(c) - 1) / chunk_pixels(c); }
  // Floats of scratch an image: two sums a channel in double, up to six coefficients a channel, two partial sums a chunk.
  static int64_t image_scratch(int p, int c) { return (10 + 2 * int64_t{chunks(p, c)}) * c; }
};

FIZZY_KERNEL(group_norm, const GroupNorm& n, void* y)
FIZZY_KERNEL(group_norm_backward, const GroupNorm& n, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift)

}  // namespace fizzy
