// SGD with momentum, weight decay and clipping (sgd.h), over all parameters in one launch, after the launch that computes the norm. Floor:
// 20 bytes a weight over bandwidth, 4 for the norm and 2 for the rounded copy.
#include "kernels/adam/gradient_norm.cuh"
#include "kernels/sgd/sgd.h"

namespace fizzy::cuda {
namespace {

struct SgdStep {
  Backend::Sgd o;
  SgdSettings s;
  float clip;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> g = load<W>(o.gradients + i), v = load<W>(o.velocity + i), w = load<W>(o.values + i);
#pragma unroll
    for (int k = 0; k < W; k++) {
      v[k] = fmaf(s.momentum, v[k], fmaf(clip, g[k], s.weight_decay * w[k]));
      w[k] = fmaf(-s.lr, v[k], w[k]);
    }
    store(o.velocity + i, v);
    store(o.values + i, w);
    if (o.narrow) store(static_cast<bf16*>(o.narrow) + i, w);
  }
};

__global__ void __launch_bounds__(BLOCK) sgd_kernel(Backend::Sgd o, int count) {
  __shared__ double part[32];
  float length = gradient_norm(static_cast<const double*>(o.scratch), count, part, o.norm);
  if (!finite(length)) return;
  SgdSettings s = sgd_settings(o.settings);
  over_weights(SgdStep{o, s, clip_factor(length, s.max_norm)}, o.n);
}

}  // namespace

int64_t scratch_bytes(const Backend::Sgd&) { return NORM_PARTIALS * int64_t{sizeof(double)}; }

void sgd(const Backend::Sgd& o, void* stream) {
  check_aligned("sgd", o.values, o.gradients, o.velocity, o.narrow, o.scratch);
  int count = static_cast<int>(norm_blocks(o.n));
  launch("sgd", square_sum_kernel, dim3(count), BLOCK, 0, stream, o.gradients, static_cast<double*>(o.scratch), o.n);
  launch("sgd", sgd_kernel, dim3(std::max(1u, blocks(o.n, STEP_SHARE))), BLOCK, 0, stream, o, count);
}

}  // namespace fizzy::cuda
