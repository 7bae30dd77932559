// Margins of a batch, [B,2]: angular and additive. A few numbers a step, bound by the launch.
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

struct ElasticMargins {
  const int *rows, *random;
  int purpose;
  float angular, additive, deviation;
  float* margins;
  template <int>
  __device__ void at(int64_t i) const {
    float normal = deviation > 0 ? normals(row_words(rows, random, purpose, random[2], i, 0))[0] : 0;
    margins[2 * i] = angular == 0 ? 0 : fmaf(deviation, normal, angular);
    margins[2 * i + 1] = additive == 0 ? 0 : fmaf(deviation, normal, additive);
  }
};

// One block: the statistics need the whole batch. Its number in the bounds keeps the compiler from 32 registers and a spill on sm_80.
__global__ void __launch_bounds__(BLOCK, 1)
    margin_adaptive_kernel(const float* norms, float* mean, float* deviation, float margin, float h, float rate, float* margins, int64_t b,
                           double one_over_b, double one_over_others) {
  __shared__ double part[32];
  constexpr float EPS = 1e-3f;
  constexpr double SMALLEST = 1e-3, LARGEST = 100;  // of the published code
  auto norm = [&](int64_t i) { return fmin(fmax(double{norms[i]}, SMALLEST), LARGEST); };
  double sum = 0, squares = 0;
  for (int64_t i = threadIdx.x; i < b; i += BLOCK) sum += norm(i);
  sum = block_sum(sum, part) * one_over_b;
  for (int64_t i = threadIdx.x; i < b; i += BLOCK) squares += (norm(i) - sum) * (norm(i) - sum);
  squares = block_sum(squares, part);
  float new_mean = static_cast<float>(rate * sum + (1 - double{rate}) * *mean);
  float new_deviation = static_cast<float>(rate * sqrtf(static_cast<float>(squares * one_over_others)) + (1 - double{rate}) * *deviation);
  float slope = h / (new_deviation + EPS);
  __syncthreads();  // all have read the old ones
  if (threadIdx.x == 0) *mean = new_mean, *deviation = new_deviation;
  for (int64_t i = threadIdx.x; i < b; i += BLOCK) {
    float quality = fminf(fmaxf(static_cast<float>(norm(i) - new_mean) * slope, -1.f), 1.f);
    margins[2 * i] = -margin * quality;
    margins[2 * i + 1] = margin + margin * quality;
  }
}

}  // namespace

void margin_elastic(const int* rows, const int* random, int purpose, float angular, float additive, float deviation, float* margins, int64_t b,
                    void* stream) {
  Range range("margin_elastic");
  check_rows("margin_elastic", purpose, b, 1);
  check(deviation >= 0 && std::isfinite(angular) && std::isfinite(additive), "margin_elastic: margins ", angular, " and ", additive,
        ", deviation ", deviation);
  pointwise<1>("margin_elastic", ElasticMargins{rows, random, purpose, angular, additive, deviation, margins}, b, stream);
}

void margin_adaptive(const float* norms, float* mean, float* deviation, float margin, float h, float rate, float* margins, int64_t b,
                     void* stream) {
  Range range("margin_adaptive");
  check(b > 1, "margin_adaptive: the norms of ", b, " faces have no deviation");
  launch("margin_adaptive", margin_adaptive_kernel, dim3(1), BLOCK, 0, stream, norms, mean, deviation, margin, h, rate, margins, b, 1. / b,
         1. / (b - 1));
}

}  // namespace fizzy::cuda
