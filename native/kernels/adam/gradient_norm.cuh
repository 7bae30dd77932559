// The norm of the gradients, by which every optimizer clips: blocks sum squares, and each block of the optimizer's step adds up these
// partial sums.
#pragma once
#include "common/cuda.cuh"
#include "kernels/adam/adam.h"

namespace fizzy::cuda {
namespace {

constexpr int64_t NORM_SHARE = 8192;  // minimum number of gradients for a block, so that launching it pays
constexpr int
    STEP_W = 4,
    STEP_ACCESSES =
        4;  // weights per access and accesses per thread: 4096 weights per block, so that adding up the partial sums costs little beside them
constexpr int64_t STEP_SHARE = int64_t{BLOCK} * STEP_W * STEP_ACCESSES;

// Number of blocks, and so of partial sums, of the sum of squares; a block of the step adds them up in four loads per thread. Depends on n
// alone.
inline int64_t norm_blocks(int64_t n) { return std::clamp<int64_t>(n / NORM_SHARE, 1, NORM_PARTIALS); }

__global__ void __launch_bounds__(BLOCK) square_sum_kernel(const float* gradients, double* partials, int64_t n) {
  __shared__ double part[32];
  int64_t share = ((n + gridDim.x - 1) / gridDim.x + 15) / 16 * 16;
  int64_t begin = blockIdx.x * share < n ? blockIdx.x * share : n, end = begin + share < n ? begin + share : n;
  double sum = 0;
  for (int64_t i = begin + threadIdx.x * STEP_W; i < end; i += BLOCK * STEP_W) {
    float squares = 0;
    if (i + STEP_W <= end) {
      Floats<STEP_W> g = load<STEP_W>(gradients + i);
#pragma unroll
      for (int k = 0; k < STEP_W; k++) squares = fmaf(g[k], g[k], squares);
    } else {
      for (int64_t j = i; j < end; j++) squares = fmaf(gradients[j], gradients[j], squares);
    }
    sum += squares;
  }
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// Returns the norm in every thread of every block; block 0 also writes it to *norm.
__device__ __forceinline__ float gradient_norm(const double* partials, int count, double (&part)[32], float* norm) {
  double sum = 0;
  for (int i = threadIdx.x; i < count; i += BLOCK) sum += partials[i];
  float length = static_cast<float>(sqrt(block_sum(sum, part)));
  if (blockIdx.x == 0 && threadIdx.x == 0) *norm = length;
  return length;
}

__device__ __forceinline__ bool finite(float v) { return v < __uint_as_float(0x7f800000u); }  // false for infinity and NaN; v >= 0

// Calls step.at<W>(i) for the block's share of n weights.
template <typename Step>
__device__ __forceinline__ void over_weights(const Step& step, int64_t n) {
  int64_t begin = blockIdx.x * STEP_SHARE;
#pragma unroll 1
  for (int access = 0; access < STEP_ACCESSES; access++) {
    int64_t i = begin + (access * BLOCK + threadIdx.x) * STEP_W;
    if (i + STEP_W <= n) step.template at<STEP_W>(i);
    else
      for (; i < n; i++) step.template at<1>(i);
  }
}

}  // namespace
}  // namespace fizzy::cuda
