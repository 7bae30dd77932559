// A thread takes one vector of channels of one window. Floor: one read of x and one write of y over bandwidth; where windows overlap, x is
// read from the caches.
#include "common/cuda.cuh"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::cuda {
namespace {

template <typename T, int WIDTH>
struct Windows {
  int h, w, c, oh, ow, k, stride;
  const T* x;
  T* y;
  template <int W>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, pixel = i / c, row = pixel / ow, image = row / oh;  // of y
    int64_t top = (row - image * oh) * stride, left = (pixel - row * ow) * stride;
    int rows = static_cast<int>(min(int64_t{k}, h - top)), columns = static_cast<int>(min(int64_t{k}, w - left));
    const T* from = x + ((image * h + top) * w + left) * c + (i - pixel * c);
    auto most = load<WIDTH>(from);
    for (int p = 0; p < rows; p++)
      for (int q = p == 0; q < columns; q++) {
        auto v = load<WIDTH>(from + (int64_t{p} * w + q) * c);
#pragma unroll
        for (int e = 0; e < WIDTH; e++) most[e] = fmaxf(most[e], v[e]);
      }
    store(y + i, most);
  }
};

}  // namespace

void max_pool(const Backend::MaxPool& o, void* stream) {
  check_aligned("max_pool", o.x, o.y);
  int oh = max_pool_extent(o.h, o.k, o.stride, o.ceil), ow = max_pool_extent(o.w, o.k, o.stride, o.ceil);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto run = [&](auto width) {
      constexpr int WIDTH = decltype(width)::value;
      pointwise<1>("max_pool", Windows<T, WIDTH>{o.h, o.w, o.c, oh, ow, o.k, o.stride, static_cast<const T*>(o.x), static_cast<T*>(o.y)},
                   int64_t{o.b} * oh * ow * o.c / WIDTH, stream);
    };
    if (o.c % VECTOR<T> == 0) run(std::integral_constant<int, VECTOR<T>>{});
    else if (o.c % 2 == 0) run(std::integral_constant<int, 2>{});
    else run(std::integral_constant<int, 1>{});
  });
}

}  // namespace fizzy::cuda
