// Batch norms before and after a layer, folded into its weights in double; runs once per model. One block per output.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

// In channel i a norm maps x to scale x + offset.
__device__ double scale_of(const Backend::FoldedNorm& n, int64_t i, float eps) {
  return n.gamma ? n.gamma[i] * rsqrt(double{n.variance[i]} + eps) : 1;
}
__device__ double offset_of(const Backend::FoldedNorm& n, int64_t i, float eps) {
  return n.gamma ? n.beta[i] - scale_of(n, i, eps) * n.mean[i] : 0;
}

// The block count keeps the compiler from limiting sm_100 to 32 registers and spilling.
__global__ void __launch_bounds__(BLOCK, 1) fold_batch_norm_kernel(Backend::FoldBatchNorm o) {
  __shared__ double part[32];
  int64_t i = blockIdx.x;
  double scale = scale_of(o.after, i, o.eps), sum = 0;
  for (int64_t k = threadIdx.x; k < o.c * o.s; k += BLOCK) {
    double value = o.w[i * o.c * o.s + k];
    sum += value * offset_of(o.before, k / o.s, o.eps);
    o.weights[i * o.c * o.s + k] = static_cast<float>(scale * value * scale_of(o.before, k / o.s, o.eps));
  }
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) o.shift[i] = static_cast<float>(scale * (sum + (o.bias ? o.bias[i] : 0)) + offset_of(o.after, i, o.eps));
}

}  // namespace

void fold_batch_norm(const Backend::FoldBatchNorm& o, void* stream) {
  launch("fold_batch_norm", fold_batch_norm_kernel, dim3(blocks(o.n, 1)), BLOCK, 0, stream, o);
}

}  // namespace fizzy::cuda
