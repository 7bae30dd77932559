// The gradients of one layer, some thousand numbers: one block, sums in double. Bound by the launch.
#include "common/cuda.cuh"
#include "kernels/norm_ratio/norm_ratio.h"

namespace fizzy::cuda {
namespace {

__global__ void __launch_bounds__(BLOCK) norm_ratio_kernel(const float* a, const float* b, float* y, int64_t n, float weight) {
  __shared__ double part[32];
  double sum_a = 0, sum_b = 0;
  for (int64_t i = threadIdx.x; i < n; i += BLOCK) {
    sum_a += double{a[i]} * a[i];
    sum_b += double{b[i]} * b[i];
  }
  sum_a = block_sum(sum_a, part);
  sum_b = block_sum(sum_b, part);
  if (threadIdx.x == 0) *y = norm_ratio_of(sum_a, sum_b, weight);
}

}  // namespace

void norm_ratio(const Backend::NormRatio& o, void* stream) {
  launch("norm_ratio", norm_ratio_kernel, dim3(1), BLOCK, 0, stream, o.a, o.b, o.y, o.n, o.weight);
}

}  // namespace fizzy::cuda
