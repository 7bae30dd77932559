// Adam with clipping and the average of the weights (adam.h): one launch sums the squares of the gradients, a second updates all
// parameters. Floor: 36 bytes a weight over bandwidth, 4 for the norm and 2 for the rounded copy. For the same norm, the results are bit for
// bit those of the CPU.
#include "kernels/adam/gradient_norm.cuh"

namespace fizzy::cuda {
namespace {

struct AdamStep {
  float clip, beta1, beta2, rest1, rest2, rate, correction2, eps, decay, fresh;
  Backend::Adam o;

  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> g = load<W>(o.gradients + i), m = load<W>(o.first_moment + i), v = load<W>(o.second_moment + i), w = load<W>(o.values + i),
              a = load<W>(o.average + i);
#pragma unroll
    for (int k = 0; k < W; k++) {
      float clipped = clip * g[k];
      m[k] = fmaf(beta1, m[k], rest1 * clipped);
      v[k] = fmaf(beta2, v[k], rest2 * clipped * clipped);
      w[k] = fmaf(rate, m[k] / (sqrtf(v[k] * correction2) + eps), w[k]);
      a[k] = fmaf(decay, a[k], fresh * w[k]);
    }
    store(o.first_moment + i, m);
    store(o.second_moment + i, v);
    store(o.values + i, w);
    store(o.average + i, a);
    if (o.narrow) store(static_cast<bf16*>(o.narrow) + i, w);
  }
};

__global__ void __launch_bounds__(BLOCK) adam_kernel(Backend::Adam o, int count) {
  __shared__ double part[32];
  float length = gradient_norm(static_cast<const double*>(o.scratch), count, part, o.norm);
  if (!finite(length)) return;  // nothing is updated
  AdamSettings s = adam_settings(o.settings);
  over_weights(AdamStep{clip_factor(length, s.max_norm), s.beta1, s.beta2, 1 - s.beta1, 1 - s.beta2, -s.lr / s.correction1, 1 / s.correction2,
                        s.eps, s.decay, 1 - s.decay, o},
               o.n);
}

}  // namespace

int64_t scratch_bytes(const Backend::Adam&) { return NORM_PARTIALS * int64_t{sizeof(double)}; }

void adam(const Backend::Adam& o, void* stream) {
  check_aligned("adam", o.values, o.gradients, o.first_moment, o.second_moment, o.average, o.narrow, o.scratch);
  int count = static_cast<int>(norm_blocks(o.n));
  launch("adam", square_sum_kernel, dim3(count), BLOCK, 0, stream, o.gradients, static_cast<double*>(o.scratch), o.n);
  launch("adam", adam_kernel, dim3(std::max(1u, blocks(o.n, STEP_SHARE))), BLOCK, 0, stream, o, count);
}

}  // namespace fizzy::cuda
