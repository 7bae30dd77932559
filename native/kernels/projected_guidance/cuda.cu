// projected_guidance.h with one block per image. Floor: 16 bytes an element in f32 over bandwidth; the second pass over an image reads from
// the level-2 cache.
#include "common/cuda.cuh"
#include "kernels/projected_guidance/projected_guidance.h"

namespace fizzy::cuda {
namespace {

template <typename T>
__global__ void __launch_bounds__(BLOCK) projected_guidance_kernel(Backend::ProjectedGuidance o) {
  __shared__ double part[32];
  int step = step_of(o, blockIdx.x);
  int64_t first = blockIdx.x * o.n;
  float* y = o.y + first;
  if (step < 0 || step >= o.steps) {  // a kernel cannot throw: it writes NaN; the whole block returns
    for (int64_t i = threadIdx.x; i < o.n; i += BLOCK) y[i] = __uint_as_float(0x7fc00000u);
    return;
  }
  StepCoefficients k = step_coefficients(o.coefficients, step);
  const float* x = o.x + first;
  const T *conditional = static_cast<const T*>(o.prediction) + first, *unconditional = conditional + o.batch * o.n;
  double along = 0, square = 0;
  for (int64_t i = threadIdx.x; i < o.n; i += BLOCK) {
    float c = widen(conditional[i]);
    double at = fmaf(k.kp, c, k.kx * x[i]);
    along += at * (c - widen(unconditional[i]));
    square += at * at;
  }
  along = block_sum(along, part);
  square = block_sum(square, part);
  float q = static_cast<float>(projection(k, o.parallel, along, square));
  for (int64_t i = threadIdx.x; i < o.n; i += BLOCK) {
    float c = widen(conditional[i]), u = widen(unconditional[i]);
    y[i] = fmaf(-q, fmaf(k.kp, c, k.kx * x[i]), fmaf(k.w, c - u, u));
  }
}

}  // namespace

void projected_guidance(const Backend::ProjectedGuidance& o, void* stream) {
  by_type(o.type,
          [&](auto t) { launch("projected_guidance", projected_guidance_kernel<decltype(t)>, dim3(blocks(o.batch, 1)), BLOCK, 0, stream, o); });
}

}  // namespace fizzy::cuda
