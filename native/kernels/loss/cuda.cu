// The mean of the losses of loss.h. Each block sums 4096 elements, a last block adds up their sums, in a fixed order. Floor: two reads
// an element over bandwidth.
#include "common/cuda.cuh"
#include "kernels/loss/loss.h"

namespace fizzy::cuda {
namespace {

constexpr int LOSS_SHARE = 16;  // elements per thread: enough loads in flight, and sums short enough for f32
constexpr int64_t LOSS_BLOCK = BLOCK * LOSS_SHARE;

__device__ __forceinline__ float loss_value(int kind, float p, float t) {
  float d = p - t, margin = 1 - p * t;
  if (kind == MSE) return d * d;
  if (kind == L1) return fabsf(d);
  if (kind == LINEAR) return -p * t;
  return margin > 0 ? margin : 0 * margin;  // NaN at NaN
}

__device__ __forceinline__ float loss_slope(int kind, float p, float t) {
  float d = p - t, margin = 1 - p * t;
  if (kind == MSE) return 2 * d;
  if (kind == L1) return static_cast<float>(d > 0) - static_cast<float>(d < 0);
  if (kind == LINEAR) return -t;
  return margin > 0 ? -t : 0 * margin;
}

template <typename P, typename Q>
__global__ void __launch_bounds__(BLOCK) loss_kernel(int kind, const P* prediction, const Q* target, double* partial, int64_t n) {
  __shared__ double part[32];
  constexpr int W = sizeof(P) == 4 && sizeof(Q) == 4 ? 4 : 8;
  float sum = 0;
  int64_t first = blockIdx.x * LOSS_BLOCK + threadIdx.x * W;
#pragma unroll
  for (int s = 0; s < LOSS_SHARE / W; s++) {
    int64_t i = first + s * BLOCK * W;
    if (i + W <= n) {
      Floats<W> a = load<W>(prediction + i), b = load<W>(target + i);
#pragma unroll
      for (int k = 0; k < W; k++) sum += loss_value(kind, a[k], b[k]);
    } else {
      for (; i < n; i++) sum += loss_value(kind, widen(prediction[i]), widen(target[i]));
    }
  }
  double total = block_sum(static_cast<double>(sum), part);
  if (threadIdx.x == 0) partial[blockIdx.x] = total;
}

__global__ void __launch_bounds__(BLOCK) loss_mean_kernel(const double* partial, float* loss, int64_t count, double one_over_n) {
  __shared__ double part[32];
  double sum = 0;
  for (int64_t i = threadIdx.x; i < count; i += BLOCK) sum += partial[i];
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) *loss = static_cast<float>(sum * one_over_n);
}

template <typename P, typename Q>
struct LossSlope {
  Backend::LossBackward o;
  float one_over_n;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> a = load<W>(static_cast<const P*>(o.prediction) + i), b = load<W>(static_cast<const Q*>(o.target) + i);
    float up = *o.dloss * one_over_n;
#pragma unroll
    for (int k = 0; k < W; k++) a[k] = up * loss_slope(o.kind, a[k], b[k]);
    store(static_cast<P*>(o.dprediction) + i, a);
  }
};

template <typename Body>
void by_types(int type, int target_type, Body body) {
  by_type(type, [&](auto p) { by_type(target_type, [&](auto q) { body(p, q); }); });
}

}  // namespace

int64_t scratch_bytes(const Backend::Loss& o) { return (o.n + LOSS_BLOCK - 1) / LOSS_BLOCK * int64_t{sizeof(double)}; }

void loss(const Backend::Loss& o, void* stream) {
  check_aligned("loss", o.prediction, o.target, o.scratch);
  auto partial = static_cast<double*>(o.scratch);
  unsigned count = blocks(o.n, LOSS_BLOCK);
  by_types(o.type, o.target_type, [&](auto p, auto q) {
    using P = decltype(p);
    using Q = decltype(q);
    launch("loss", loss_kernel<P, Q>, dim3(count), BLOCK, 0, stream, o.kind, static_cast<const P*>(o.prediction),
           static_cast<const Q*>(o.target), partial, o.n);
  });
  launch("loss", loss_mean_kernel, dim3(1), BLOCK, 0, stream, partial, o.loss, int64_t{count}, 1. / static_cast<double>(o.n));
}

void loss_backward(const Backend::LossBackward& o, void* stream) {
  check_aligned("loss_backward", o.prediction, o.target, o.dprediction);
  by_types(o.type, o.target_type, [&](auto p, auto q) {
    using P = decltype(p);
    using Q = decltype(q);
    constexpr int W = sizeof(P) == 4 && sizeof(Q) == 4 ? 4 : 8;
    pointwise<W>("loss_backward", LossSlope<P, Q>{o, static_cast<float>(1. / o.n)}, o.n, stream);
  });
}

}  // namespace fizzy::cuda
