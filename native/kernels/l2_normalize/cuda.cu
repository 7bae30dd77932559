// l2_normalize.h with one warp per row; squares in double, so that none overflows or underflows. Floor: one read and one write an element
// over bandwidth, backward two reads and one write.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr float LENGTH_LEAST = 1e-12f;  // L2_SMALLEST

__global__ void __launch_bounds__(BLOCK) l2_normalize_kernel(Backend::L2Normalize o) {
  int64_t row = int64_t{blockIdx.x} * (BLOCK / 32) + threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  if (row >= o.rows) return;  // whole warps return
  const float* x = o.x + row * o.c;
  double square = 0;
  for (int i = lane; i < o.c; i += 32) square += double{x[i]} * x[i];
  square = warp_sum(square);
  double length = sqrt(square), inverse = length > double{LENGTH_LEAST} ? rsqrt(square) : 1. / double{LENGTH_LEAST};
  __syncwarp();
  if (lane == 0) o.norm[row] = static_cast<float>(length);
  for (int i = lane; i < o.c; i += 32) o.y[row * o.c + i] = static_cast<float>(x[i] * inverse);
}

__global__ void __launch_bounds__(BLOCK) l2_normalize_backward_kernel(Backend::L2NormalizeBackward o) {
  int64_t row = int64_t{blockIdx.x} * (BLOCK / 32) + threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  if (row >= o.rows) return;
  const float *y = o.y + row * o.c, *dy = o.dy + row * o.c;
  float length = o.norm[row];
  double along = 0;
  if (length >= LENGTH_LEAST)
    for (int i = lane; i < o.c; i += 32) along += double{y[i]} * dy[i];
  along = warp_sum(along);
  double inverse = 1 / (length > LENGTH_LEAST ? length : LENGTH_LEAST);  // in double, both operands are f32
  for (int i = lane; i < o.c; i += 32) o.dx[row * o.c + i] = static_cast<float>((dy[i] - along * y[i]) * inverse);
}

}  // namespace

void l2_normalize(const Backend::L2Normalize& o, void* stream) {
  launch("l2_normalize", l2_normalize_kernel, dim3(blocks(o.rows, BLOCK / 32)), BLOCK, 0, stream, o);
}

void l2_normalize_backward(const Backend::L2NormalizeBackward& o, void* stream) {
  launch("l2_normalize_backward", l2_normalize_backward_kernel, dim3(blocks(o.rows, BLOCK / 32)), BLOCK, 0, stream, o);
}

}  // namespace fizzy::cuda
