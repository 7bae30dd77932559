// SGD with momentum, weight decay and clipping (sgd.h), over all parameters in one launch, after the launch that computes the norm. Floor:
// 20 bytes a weight over bandwidth, and 4 for the norm.
#include "kernels/adam/gradient_norm.cuh"
#include "kernels/sgd/sgd.h"

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
  SgdSettings s = sgd_settings(settings);
  over_weights(SgdStep{clip_factor(length, s.max_norm), -s.lr, s.momentum, s.weight_decay, values, velocity, gradients}, n);
}

}  // namespace

int64_t scratch_bytes(const Backend::Sgd&) { return NORM_PARTIALS * int64_t{sizeof(double)}; }

void sgd(const Backend::Sgd& o, void* stream) {
  check_aligned("sgd", o.values, o.gradients, o.velocity, o.scratch);
  auto partials = static_cast<double*>(o.scratch);
  int count = static_cast<int>(norm_blocks(o.n));
  launch("sgd", square_sum_kernel, dim3(count), BLOCK, 0, stream, o.gradients, partials, o.n);
  launch("sgd", sgd_kernel, dim3(std::max(1u, blocks(o.n, STEP_SHARE))), BLOCK, 0, stream, o.settings, o.values, o.gradients, o.velocity, o.norm,
         partials, count, o.n);
}

}  // namespace fizzy::cuda
