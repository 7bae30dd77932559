// Adam with clipping and the average of the weights (adam.h), over all parameters in one launch, after one that sums the squares of the
// gradients. Floor: 36 bytes a weight over bandwidth, and 4 for the norm. Given the norm, the bits are the CPU's.
#include "common/cuda.cuh"
#include "kernels/adam/adam.h"

namespace fizzy::cuda {
namespace {

constexpr int ADAM_W = 4;        // weights of an access
constexpr int ADAM_ACCESSES = 4; // of a thread: a block's 4096 weights pay for adding up the 8 KiB of partial sums
constexpr int64_t NORM_SHARE = 8192;  // gradients of a block at least, where there are few: a block is worth its launch
constexpr int64_t ADAM_SHARE = int64_t{BLOCK} * ADAM_W * ADAM_ACCESSES;

// Blocks of the sum of squares: they depend on n alone.
int64_t norm_blocks(int64_t n) { return std::clamp<int64_t>(n / NORM_SHARE, 1, ADAM_PARTIALS); }

__global__ void __launch_bounds__(BLOCK) square_sum_kernel(const float* gradients, double* partials, int64_t n) {
  __shared__ double part[32];
  int64_t share = ((n + gridDim.x - 1) / gridDim.x + 15) / 16 * 16;
  int64_t begin = blockIdx.x * share < n ? blockIdx.x * share : n, end = begin + share < n ? begin + share : n;
  double sum = 0;
  for (int64_t i = begin + threadIdx.x * ADAM_W; i < end; i += BLOCK * ADAM_W) {
    float squares = 0;
    if (i + ADAM_W <= end) {
      Floats<ADAM_W> g = load<ADAM_W>(gradients + i);
#pragma unroll
      for (int k = 0; k < ADAM_W; k++) squares = fmaf(g[k], g[k], squares);
    } else {
      for (int64_t j = i; j < end; j++) squares = fmaf(gradients[j], gradients[j], squares);
    }
    sum += squares;
  }
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

struct AdamStep {
  float clip, beta1, beta2, rest1, rest2, rate, correction2, eps, decay, fresh;
  float *values, *first, *second, *average;
  const float* gradients;

  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> g = load<W>(gradients + i), m = load<W>(first + i), v = load<W>(second + i), w = load<W>(values + i), a = load<W>(average + i);
#pragma unroll
    for (int k = 0; k < W; k++) {
      float clipped = clip * g[k];
      m[k] = fmaf(beta1, m[k], rest1 * clipped);
      v[k] = fmaf(beta2, v[k], rest2 * clipped * clipped);
      w[k] = fmaf(rate, m[k] / (sqrtf(v[k] * correction2) + eps), w[k]);
      a[k] = fmaf(decay, a[k], fresh * w[k]);
    }
    store(first + i, m);
    store(second + i, v);
    store(values + i, w);
    store(average + i, a);
  }
};

__global__ void __launch_bounds__(BLOCK) adam_kernel(const float* settings, float* values, const float* gradients, float* first, float* second,
                                                     float* average, float* norm, const double* partials, int count, int64_t n) {
  __shared__ double part[32];
  double sum = 0;
  for (int i = threadIdx.x; i < count; i += BLOCK) sum += partials[i];
  float length = static_cast<float>(sqrt(block_sum(sum, part)));
  if (blockIdx.x == 0 && threadIdx.x == 0) *norm = length;
  if (!(length < __uint_as_float(0x7f800000u))) return;  // infinite or NaN: nothing is updated
  const float* s = settings;
  float largest = s[7];
  AdamStep step{largest > 0 && length > largest ? largest / length : 1.f, s[1], s[2], 1 - s[1], 1 - s[2], -s[0] / s[4], 1 / s[5], s[3], s[6],
                1 - s[6], values, first, second, average, gradients};
  int64_t begin = blockIdx.x * ADAM_SHARE;
#pragma unroll 1
  for (int access = 0; access < ADAM_ACCESSES; access++) {
    int64_t i = begin + (access * BLOCK + threadIdx.x) * ADAM_W;
    if (i + ADAM_W <= n) step.at<ADAM_W>(i);
    else
      for (; i < n; i++) step.at<1>(i);
  }
}

}  // namespace

int64_t adam_scratch_bytes() { return ADAM_PARTIALS * int64_t{sizeof(double)}; }

void adam(const float* settings, float* values, const float* gradients, float* first_moment, float* second_moment, float* average, float* norm,
          void* scratch, int64_t n, void* stream) {
  Range range("adam");
  check(n >= 0, "adam: n ", n);
  check_aligned("adam", values, gradients, first_moment, second_moment, average, scratch);
  auto partials = static_cast<double*>(scratch);
  launch("adam", square_sum_kernel, dim3(blocks(norm_blocks(n), 1)), BLOCK, 0, stream, gradients, partials, n);
  launch("adam", adam_kernel, dim3(std::max(1u, blocks(n, ADAM_SHARE))), BLOCK, 0, stream, settings, values, gradients, first_moment, second_moment,
         average, norm, partials, static_cast<int>(norm_blocks(n)), n);
}

}  // namespace fizzy::cuda
