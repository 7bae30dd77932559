// Margins of a batch, [B,2]: angular and additive. A few numbers per step, bound by the launch.
#include "common/random.cuh"
#include "kernels/margin/margin.h"

namespace fizzy::cuda {
namespace {

struct ElasticMargins {
  Backend::MarginElastic o;
  template <int>
  __device__ void at(int64_t i) const {
    float normal = o.deviation > 0 ? normals(row_words(o.rows, o.random, o.purpose, o.random[2], i, 0))[0] : 0;
    o.margins[2 * i] = o.angular == 0 ? 0 : fmaf(o.deviation, normal, o.angular);
    o.margins[2 * i + 1] = o.additive == 0 ? 0 : fmaf(o.deviation, normal, o.additive);
  }
};

// One block, since the statistics need the whole batch. The block count in __launch_bounds__ keeps the compiler from limiting sm_80 to 32
// registers and spilling.
__global__ void __launch_bounds__(BLOCK, 1) margin_adaptive_kernel(Backend::MarginAdaptive o, double one_over_b, double one_over_others) {
  __shared__ double part[32];
  constexpr double SMALLEST = ADAPTIVE_SMALLEST, LARGEST = ADAPTIVE_LARGEST;
  auto norm = [&](int64_t i) { return fmin(fmax(double{o.norms[i]}, SMALLEST), LARGEST); };
  double sum = 0, squares = 0;
  for (int64_t i = threadIdx.x; i < o.b; i += BLOCK) sum += norm(i);
  sum = block_sum(sum, part) * one_over_b;
  for (int64_t i = threadIdx.x; i < o.b; i += BLOCK) squares += (norm(i) - sum) * (norm(i) - sum);
  squares = block_sum(squares, part);
  float new_mean = static_cast<float>(o.rate * sum + (1 - double{o.rate}) * *o.mean);
  float new_deviation = static_cast<float>(o.rate * sqrtf(static_cast<float>(squares * one_over_others)) + (1 - double{o.rate}) * *o.deviation);
  float slope = o.h / (new_deviation + static_cast<float>(ADAPTIVE_EPS));
  __syncthreads();  // all threads have read the old statistics
  if (threadIdx.x == 0) *o.mean = new_mean, *o.deviation = new_deviation;
  for (int64_t i = threadIdx.x; i < o.b; i += BLOCK) {
    float quality = fminf(fmaxf(static_cast<float>(norm(i) - new_mean) * slope, -1.f), 1.f);
    o.margins[2 * i] = -o.margin * quality;
    o.margins[2 * i + 1] = o.margin + o.margin * quality;
  }
}

}  // namespace

void margin_elastic(const Backend::MarginElastic& o, void* stream) { pointwise<1>("margin_elastic", ElasticMargins{o}, o.b, stream); }

void margin_adaptive(const Backend::MarginAdaptive& o, void* stream) {
  launch("margin_adaptive", margin_adaptive_kernel, dim3(1), BLOCK, 0, stream, o, 1. / o.b, 1. / (o.b - 1));
}

}  // namespace fizzy::cuda
