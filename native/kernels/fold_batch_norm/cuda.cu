// Batch norms before and after a layer, folded into its weights in double; once a model. A block an output.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

// gamma, beta, mean, variance of a norm, or nulls.
struct FoldedNorm {
  const float *gamma, *beta, *mean, *variance;
  // x -> scale x + offset in channel i
  __device__ double scale(int64_t i, float eps) const { return gamma ? gamma[i] * rsqrt(double{variance[i]} + eps) : 1; }
  __device__ double offset(int64_t i, float eps) const { return gamma ? beta[i] - scale(i, eps) * mean[i] : 0; }
};

__global__ void __launch_bounds__(BLOCK) fold_batch_norm_kernel(const float* w, const float* bias, FoldedNorm before, FoldedNorm after,
                                                                float* weights, float* shift, int64_t c, int64_t s, float eps) {
  __shared__ double part[32];
  int64_t i = blockIdx.x;
  double scale = after.scale(i, eps), sum = 0;
  for (int64_t k = threadIdx.x; k < c * s; k += BLOCK) {
    double value = w[i * c * s + k];
    sum += value * before.offset(k / s, eps);
    weights[i * c * s + k] = static_cast<float>(scale * value * before.scale(k / s, eps));
  }
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) shift[i] = static_cast<float>(scale * (sum + (bias ? bias[i] : 0)) + after.offset(i, eps));
}

}  // namespace

void fold_batch_norm(const float* w, const float* bias, const float* before_gamma, const float* before_beta, const float* before_mean,
                     const float* before_variance, const float* after_gamma, const float* after_beta, const float* after_mean,
                     const float* after_variance, float* weights, float* shift, int64_t n, int64_t c, int64_t s, float eps, void* stream) {
  Range range("fold_batch_norm");
  check(n > 0 && c > 0 && s > 0, "fold_batch_norm: weights [", n, ",", c, ",", s, "]");
  launch("fold_batch_norm", fold_batch_norm_kernel, dim3(blocks(n, 1)), BLOCK, 0, stream, w, bias,
         FoldedNorm{before_gamma, before_beta, before_mean, before_variance}, FoldedNorm{after_gamma, after_beta, after_mean, after_variance},
         weights, shift, c, s, eps);
}

}  // namespace fizzy::cuda
