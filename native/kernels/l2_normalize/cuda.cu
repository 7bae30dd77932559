// l2_normalize.h with one warp per row; squares in double, so that none overflows or underflows. Floor: one read and one write an element
// over bandwidth, backward two reads and one write.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr float LENGTH_LEAST = 1e-12f;  // L2_SMALLEST

__global__ void __launch_bounds__(BLOCK) l2_normalize_kernel(const float* x, float* y, float* norm, int64_t rows, int c) {
  int64_t row = int64_t{blockIdx.x} * (BLOCK / 32) + threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  if (row >= rows) return;  // whole warps return
  double square = 0;
  for (int i = lane; i < c; i += 32) square += double{x[row * c + i]} * x[row * c + i];
  square = warp_sum(square);
  double length = sqrt(square), inverse = length > double{LENGTH_LEAST} ? rsqrt(square) : 1. / double{LENGTH_LEAST};
  __syncwarp();
  if (lane == 0) norm[row] = static_cast<float>(length);
  for (int i = lane; i < c; i += 32) y[row * c + i] = static_cast<float>(x[row * c + i] * inverse);
}

__global__ void __launch_bounds__(BLOCK)
    l2_normalize_backward_kernel(const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c) {
  int64_t row = int64_t{blockIdx.x} * (BLOCK / 32) + threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  if (row >= rows) return;
  float length = norm[row];
  double along = 0;
  if (length >= LENGTH_LEAST)
    for (int i = lane; i < c; i += 32) along += double{y[row * c + i]} * dy[row * c + i];
  along = warp_sum(along);
  double inverse = 1 / (length > LENGTH_LEAST ? length : LENGTH_LEAST);  // in double, both operands are f32
  for (int i = lane; i < c; i += 32) dx[row * c + i] = static_cast<float>((dy[row * c + i] - along * y[row * c + i]) * inverse);
}

}  // namespace

void l2_normalize(const Backend::L2Normalize& o, void* stream) {
  launch("l2_normalize", l2_normalize_kernel, dim3(blocks(o.rows, BLOCK / 32)), BLOCK, 0, stream, o.x, o.y, o.norm, o.rows, o.c);
}

void l2_normalize_backward(const Backend::L2NormalizeBackward& o, void* stream) {
  launch("l2_normalize_backward", l2_normalize_backward_kernel, dim3(blocks(o.rows, BLOCK / 32)), BLOCK, 0, stream, o.y, o.norm, o.dy, o.dx,
         o.rows, o.c);
}

}  // namespace fizzy::cuda
