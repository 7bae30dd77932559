// Nearest neighbor, by two in each direction. Floor: one read and four writes an element (backward the reverse) over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

// Index of the first element of the 2x2 block above element i of x [B,H,W,C].
struct Doubling {
  int h, w, c;
  __device__ int64_t corner(int64_t i) const {
    int64_t pixel = i / c, row = pixel / w;  // row runs over images and rows
    return (2 * row * 2 * w + 2 * (pixel - row * w)) * c + (i - pixel * c);
  }
  __device__ int64_t below() const { return int64_t{2} * w * c; }
};

template <typename T, int WIDTH>
struct UpsampleRows {
  Doubling d;
  const T* x;
  T* y;
  template <int W>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, to = d.corner(i);
    auto v = load_raw<WIDTH * sizeof(T)>(x + i);
    store_whole(y + to, v);
    store_whole(y + to + d.c, v);
    store_whole(y + to + d.below(), v);
    store_whole(y + to + d.below() + d.c, v);
  }
};

template <typename T, int WIDTH>
struct UpsampleRowsBackward {
  Doubling d;
  const T* dy;
  T* dx;
  template <int W>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, from = d.corner(i);
    auto a = load<WIDTH>(dy + from), b = load<WIDTH>(dy + from + d.c);
    auto e = load<WIDTH>(dy + from + d.below()), f = load<WIDTH>(dy + from + d.below() + d.c);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) a[k] = (a[k] + b[k]) + (e[k] + f[k]);
    store(dx + i, a);
  }
};

// Calls body(T{}, the vector's width as an integral constant).
template <typename Body>
void by_channels(int type, int c, Body body) {
  by_type(type, [&](auto t) {
    constexpr int WIDE = VECTOR<decltype(t)>;
    if (c % WIDE == 0) body(t, std::integral_constant<int, WIDE>{});
    else body(t, std::integral_constant<int, 1>{});
  });
}

}  // namespace

void upsample(const Backend::Upsample& o, void* stream) {
  check_aligned("upsample", o.x, o.y);
  by_channels(o.type, o.c, [&](auto t, auto width) {
    using T = decltype(t);
    constexpr int WIDTH = decltype(width)::value;
    pointwise<1>("upsample", UpsampleRows<T, WIDTH>{{o.h, o.w, o.c}, static_cast<const T*>(o.x), static_cast<T*>(o.y)},
                 int64_t{o.b} * o.h * o.w * o.c / WIDTH, stream);
  });
}

void upsample_backward(const Backend::UpsampleBackward& o, void* stream) {
  check_aligned("upsample_backward", o.dy, o.dx);
  by_channels(o.type, o.c, [&](auto t, auto width) {
    using T = decltype(t);
    constexpr int WIDTH = decltype(width)::value;
    pointwise<1>("upsample_backward", UpsampleRowsBackward<T, WIDTH>{{o.h, o.w, o.c}, static_cast<const T*>(o.dy), static_cast<T*>(o.dx)},
                 int64_t{o.b} * o.h * o.w * o.c / WIDTH, stream);
  });
}

}  // namespace fizzy::cuda
