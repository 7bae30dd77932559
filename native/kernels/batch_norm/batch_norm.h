// Batch normalisation (Ioffe & Szegedy 2015) with what iResNet puts behind it in the same pass, PReLU or a residual:
//   u = gamma x_hat + beta,  y = PReLU(u) or u + residual,  x_hat = (x - mean) rstd, over the rows of [R,C].
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/level.h"

namespace fizzy {

struct BatchNorm {
  int type;
  const void* x;              // [R,C]
  const float *gamma, *beta;  // [C]
  const float* slope;         // [C], or null: no PReLU
  const void* residual;       // [R,C], or null
  float *mean, *rstd;         // [C]: written by forward, read by backward
  int64_t rows;
  int c;
  void* scratch;  // batch_norm_scratch(rows, c) bytes

  // Rows are cut into chunks of about 128 KiB of f32: read twice, the second time from the level-2 cache. They depend on the
  // shape alone.
  static int64_t chunk_rows(int c) { return std::max(8, (1 << 15) / c); }
  static int64_t chunks(int64_t rows, int c) { return (rows + chunk_rows(c) - 1) / chunk_rows(c); }
  // Three sums a channel in double, five coefficients a channel, three partial sums a chunk.
  static int64_t scratch_floats(int64_t rows, int c) { return (6 + 5 + 3 * chunks(rows, c)) * c; }
};

// Training: statistics of the rows; the running ones move towards them by `momentum`, the variance by its unbiased estimate.
FIZZY_KERNEL(batch_norm, const BatchNorm& n, void* y, float* running_mean, float* running_variance, float eps, float momentum)
FIZZY_KERNEL(batch_norm_inference, const BatchNorm& n, void* y, const float* running_mean, const float* running_variance, float eps)
FIZZY_KERNEL(batch_norm_backward, const BatchNorm& n, const void* dy, void* dx, float* dgamma, float* dbeta, float* dslope)

}  // namespace fizzy
