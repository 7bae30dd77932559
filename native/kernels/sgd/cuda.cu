// SGD with momentum, weight decay and clipping (sgd.h), over all parameters in one launch, after the norm's. Floor: 20 bytes a weight over
// bandwidth, and 4 for the norm.
#include "kernels/adam/norm.cuh"

namespace fizzy::cuda {
namespace {

struct SgdStep {
  float clip, rate, momentum, decay;
  float *values, *velocity;
  const float* gradients;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> g = load<W>(gradients + i), v = load<W>(velocity + i), w = load<W>(values + i);
#pragma unroll
    for (int k = 0; k < W; k++) {
      v[k] = fmaf(momentum, v[k], fmaf(clip, g[k], decay * w[k]));
      w[k] = fmaf(rate, v[k], w[k]);
    }
    store(velocity + i, v);
    store(values + i, w);
  }
};

__global__ void __launch_bounds__(BLOCK) sgd_kernel(const float* settings, float* values, const float* gradients, float* velocity, float* norm,
                                                    const double* partials, int count, int64_t n) {
  __shared__ double part[32];
  float length = gradient_norm(partials, count, part, norm);
  if (!finite(length)) return;
  over_weights(SgdStep{clip_factor(length, settings[3]), -settings[0], settings[1], settings[2], values, velocity, gradients}, n);
}

}  // namespace

int64_t sgd_scratch_bytes() { return NORM_PARTIALS * int64_t{sizeof(double)}; }

void sgd(const float* settings, float* values, const float* gradients, float* velocity, float* norm, void* scratch, int64_t n, void* stream) {
  Range range("sgd");
  check(n >= 0, "sgd: n ", n);
  check_aligned("sgd", values, gradients, velocity, scratch);
  auto partials = static_cast<double*>(scratch);
  int count = static_cast<int>(norm_blocks(n));
  launch("sgd", square_sum_kernel, dim3(count), BLOCK, 0, stream, gradients, partials, n);
  launch("sgd", sgd_kernel, dim3(std::max(1u, blocks(n, STEP_SHARE))), BLOCK, 0, stream, settings, values, gradients, velocity, norm, partials,
         count, n);
}

}  // namespace fizzy::cuda
