// One warp per row. A row is read from memory once and from the caches after that. Floor: one read and one write over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr int SOFTMAX_ROWS = BLOCK / 32;  // per block

template <typename T>
__global__ void __launch_bounds__(BLOCK) softmax_kernel(const T* x, T* y, int64_t rows, int columns) {
  int64_t row = int64_t{blockIdx.x} * SOFTMAX_ROWS + threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  if (row >= rows) return;  // whole warps return
  x += row * columns;
  y += row * columns;
  float largest = widen(x[0]);
  for (int i = lane; i < columns; i += 32) largest = fmaxf(largest, widen(x[i]));
  largest = warp_max(largest);
  float total = 0;
  for (int i = lane; i < columns; i += 32) total += expf(widen(x[i]) - largest);
  float scale = 1 / warp_sum(total);
  for (int i = lane; i < columns; i += 32) y[i] = narrow<T>(expf(widen(x[i]) - largest) * scale);
}

template <typename T>
__global__ void __launch_bounds__(BLOCK) softmax_backward_kernel(const T* y, const T* dy, T* dx, int64_t rows, int columns) {
  int64_t row = int64_t{blockIdx.x} * SOFTMAX_ROWS + threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  if (row >= rows) return;
  y += row * columns;
  dy += row * columns;
  dx += row * columns;
  float dot = 0;
  for (int i = lane; i < columns; i += 32) dot = fmaf(widen(y[i]), widen(dy[i]), dot);
  dot = warp_sum(dot);
  for (int i = lane; i < columns; i += 32) dx[i] = narrow<T>(widen(y[i]) * (widen(dy[i]) - dot));
}

}  // namespace

void softmax(const Backend::Softmax& o, void* stream) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    launch("softmax", softmax_kernel<T>, dim3(blocks(o.rows, SOFTMAX_ROWS)), BLOCK, 0, stream, static_cast<const T*>(o.x), static_cast<T*>(o.y),
           o.rows, o.columns);
  });
}

void softmax_backward(const Backend::SoftmaxBackward& o, void* stream) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    launch("softmax_backward", softmax_backward_kernel<T>, dim3(blocks(o.rows, SOFTMAX_ROWS)), BLOCK, 0, stream, static_cast<const T*>(o.y),
           static_cast<const T*>(o.dy), static_cast<T*>(o.dx), o.rows, o.columns);
  });
}

}  // namespace fizzy::cuda
