// One block per row: a batch of latents has some megabytes, so this is bound by the launch.
#include "common/cuda.cuh"
#include "kernels/unscale/unscale.h"

namespace fizzy::cuda {
namespace {

__global__ void __launch_bounds__(BLOCK) unscale_kernel(const float* x, float* y, float* extreme, int64_t n, double scale) {
  __shared__ uint32_t part[32];
  uint32_t largest = 0;
  int64_t first = int64_t{blockIdx.x} * n;
  for (int64_t i = first + threadIdx.x; i < first + n; i += BLOCK) {
    y[i] = unscaled(x[i], scale);
    largest = max(largest, magnitude_key(x[i]));
  }
  largest = block_max(largest, part);
  if (threadIdx.x == 0) extreme[blockIdx.x] = of_magnitude_key(largest);
}

}  // namespace

void unscale(const Backend::Unscale& o, void* stream) {
  launch("unscale", unscale_kernel, dim3(blocks(o.batch, 1)), BLOCK, 0, stream, o.x, o.y, o.extreme, o.n, o.scale);
}

}  // namespace fizzy::cuda
