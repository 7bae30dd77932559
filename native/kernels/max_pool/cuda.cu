// A thread takes one vector of channels of one window, and of one pixel backward. Floor: one read of x and one write of y over bandwidth;
// where windows overlap, x is read from the caches.
#include "common/cuda.cuh"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::cuda {
namespace {

template <typename T, int WIDTH>
struct Windows {
  Backend::MaxPool o;
  template <int W>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, pixel = i / o.c, row = pixel / o.ow, image = row / o.oh;  // of y
    int top = static_cast<int>(row - image * o.oh) * o.stride - o.top, left = static_cast<int>(pixel - row * o.ow) * o.stride - o.left;
    int bottom = min(o.h, top + o.k), right = min(o.w, left + o.k);
    top = max(top, 0), left = max(left, 0);
    const T* from = static_cast<const T*>(o.x) + image * o.h * o.w * o.c + (i - pixel * o.c);
    auto most = load<WIDTH>(from + (int64_t{top} * o.w + left) * o.c);
    for (int p = top; p < bottom; p++)
      for (int q = left; q < right; q++) {
        auto v = load<WIDTH>(from + (int64_t{p} * o.w + q) * o.c);
#pragma unroll
        for (int e = 0; e < WIDTH; e++) most[e] = fmaxf(most[e], v[e]);
      }
    store(static_cast<T*>(o.y) + i, most);
  }
};

// The sum over the windows in which a pixel is the first largest.
template <typename T, int WIDTH>
struct Pixels {
  Backend::MaxPool o;
  const T* dy;
  T* dx;
  template <int W>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, pixel = i / o.c, line = pixel / o.w, image = line / o.h;  // of x
    int row = static_cast<int>(line - image * o.h), column = static_cast<int>(pixel - line * o.w);
    int64_t channel = i - pixel * o.c;
    const T* from = static_cast<const T*>(o.x) + image * o.h * o.w * o.c + channel;
    auto own = load<WIDTH>(from + (int64_t{row} * o.w + column) * o.c);
    Floats<WIDTH> sum{};
    int first_r = max(0, (row + o.top - o.k + o.stride) / o.stride), last_r = min(o.oh - 1, (row + o.top) / o.stride);
    int first_s = max(0, (column + o.left - o.k + o.stride) / o.stride), last_s = min(o.ow - 1, (column + o.left) / o.stride);
#pragma unroll 1
    for (int r = first_r; r <= last_r; r++)
#pragma unroll 1
      for (int s = first_s; s <= last_s; s++) {
        auto d = load<WIDTH>(dy + ((image * o.oh + r) * o.ow + s) * o.c + channel);
        int top = r * o.stride - o.top, left = s * o.stride - o.left;
#pragma unroll 1
        for (int tap = 0; tap < o.k * o.k; tap++) {
          int p = top + tap / o.k, q = left + tap % o.k;
          if (p < 0 || p >= o.h || q < 0 || q >= o.w || (p == row && q == column)) continue;
          auto other = load<WIDTH>(from + (int64_t{p} * o.w + q) * o.c);
          bool before = p < row || (p == row && q < column);
#pragma unroll
          for (int e = 0; e < WIDTH; e++)
            if (before ? other[e] >= own[e] : other[e] > own[e]) d[e] = 0;
        }
#pragma unroll
        for (int e = 0; e < WIDTH; e++) sum[e] += d[e];
      }
    store(dx + i, sum);
  }
};

// As pointwise_kernel; the block count keeps the compiler from limiting sm_90a to 32 registers and spilling.
template <typename T, int WIDTH>
__global__ void __launch_bounds__(BLOCK, 1) max_pool_backward_kernel(Pixels<T, WIDTH> f, int64_t n) {
  int64_t i = int64_t{blockIdx.x} * BLOCK + threadIdx.x;
  if (i < n) f.template at<1>(i);
}

// Calls body(T{}, the vector width as an integral constant).
template <typename Body>
void by_width(int type, int c, Body body) {
  by_type(type, [&](auto t) {
    constexpr int WIDE = VECTOR<decltype(t)>;
    if (c % WIDE == 0) body(t, std::integral_constant<int, WIDE>{});
    else if (c % 2 == 0) body(t, std::integral_constant<int, 2>{});
    else body(t, std::integral_constant<int, 1>{});
  });
}

}  // namespace

void max_pool(const Backend::MaxPool& o, void* stream) {
  check_aligned("max_pool", o.x, o.y);
  by_width(o.type, o.c, [&](auto t, auto width) {
    constexpr int WIDTH = decltype(width)::value;
    pointwise<1>("max_pool", Windows<decltype(t), WIDTH>{o}, int64_t{o.b} * o.oh * o.ow * o.c / WIDTH, stream);
  });
}

void max_pool_backward(const Backend::MaxPoolBackward& call, void* stream) {
  const auto& o = call.forward;
  check_aligned("max_pool_backward", o.x, call.dy, call.dx);
  by_width(o.type, o.c, [&](auto t, auto width) {
    using T = decltype(t);
    constexpr int WIDTH = decltype(width)::value;
    int64_t n = int64_t{o.b} * o.h * o.w * o.c / WIDTH;
    Pixels<T, WIDTH> f{o, static_cast<const T*>(call.dy), static_cast<T*>(call.dx)};
    launch("max_pool_backward", max_pool_backward_kernel<T, WIDTH>, dim3(blocks(n, BLOCK)), BLOCK, 0, stream, f, n);
  });
}

}  // namespace fizzy::cuda
