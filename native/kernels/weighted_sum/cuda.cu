// The terms of a loss, in double; bound by the launch.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr int TERMS_MAX = 32;  // they travel as the kernel's arguments

struct Terms {
  const float* scalars[TERMS_MAX];
  float weights[TERMS_MAX];
};

__global__ void weighted_sum_kernel(Terms terms, float* y, int count) {
  if (threadIdx.x != 0) return;
  double total = 0;
  for (int i = 0; i < count; i++) total += double{terms.weights[i]} * *terms.scalars[i];
  *y = static_cast<float>(total);
}

}  // namespace

void weighted_sum(const float* const* scalars, const float* weights, float* y, int count, void* stream) {
  Range range("weighted_sum");
  check(count > 0 && count <= TERMS_MAX, "weighted_sum: ", count, " scalars, at most ", TERMS_MAX);
  Terms terms{};
  for (int i = 0; i < count; i++) terms.scalars[i] = scalars[i], terms.weights[i] = weights[i];
  launch("weighted_sum", weighted_sum_kernel, dim3(1), 32, 0, stream, terms, y, count);
}

}  // namespace fizzy::cuda
