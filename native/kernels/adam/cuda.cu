// Adam with clipping and the average of the weights (adam.h), over all parameters in one launch, after one that sums the squares of the
// gradients. Floor: 36 bytes a weight over bandwidth, and 4 for the norm. Given the norm, the bits are the CPU's.
#include "kernels/adam/norm.cuh"

namespace fizzy::cuda {
namespace {

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
  float length = gradient_norm(partials, count, part, norm);
  if (!finite(length)) return;  // nothing is updated
  const float* s = settings;
  over_weights(AdamStep{clip_factor(length, s[7]), s[1], s[2], 1 - s[1], 1 - s[2], -s[0] / s[4], 1 / s[5], s[3], s[6], 1 - s[6], values, first,
                        second, average, gradients},
               n);
}

}  // namespace

int64_t adam_scratch_bytes() { return NORM_PARTIALS * int64_t{sizeof(double)}; }

void adam(const float* settings, float* values, const float* gradients, float* first_moment, float* second_moment, float* average, float* norm,
          void* scratch, int64_t n, void* stream) {
  Range range("adam");
  check(n >= 0, "adam: n ", n);
  check_aligned("adam", values, gradients, first_moment, second_moment, average, scratch);
  auto partials = static_cast<double*>(scratch);
  int count = static_cast<int>(norm_blocks(n));
  launch("adam", square_sum_kernel, dim3(count), BLOCK, 0, stream, gradients, partials, n);
  launch("adam", adam_kernel, dim3(std::max(1u, blocks(n, STEP_SHARE))), BLOCK, 0, stream, settings, values, gradients, first_moment,
         second_moment, average, norm, partials, count, n);
}

}  // namespace fizzy::cuda
