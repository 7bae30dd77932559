// Floor: two accesses an element (backward three) over bandwidth; the exponential hides behind them.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

struct Silu {
  __device__ static float value(float x) { return x / (1 + expf(-x)); }
  __device__ static float slope(float x) {
    float s = 1 / (1 + expf(-x));
    return s * fmaf(x, 1 - s, 1);
  }
};

struct Gelu {
  static constexpr float SQRT_HALF = .70710678118654752f, DENSITY = .39894228040143268f;  // 1/sqrt(2), 1/sqrt(2 pi)
  __device__ static float value(float x) { return .5f * x * (1 + erff(x * SQRT_HALF)); }
  __device__ static float slope(float x) { return fmaf(x * DENSITY, expf(-.5f * x * x), .5f * (1 + erff(x * SQRT_HALF))); }
};

template <typename T, typename F>
struct ActivationForward {
  const T* x;
  T* y;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v = load<W>(x + i);
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = F::value(v[k]);
    store(y + i, v);
  }
};

template <typename T, typename F>
struct ActivationBackward {
  const T *x, *dy;
  T* dx;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v = load<W>(x + i), up = load<W>(dy + i);
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = F::slope(v[k]) * up[k];
    store(dx + i, v);
  }
};

template <typename Body>
void by_activation(const char* name, int type, int kind, Body body) {
  check_type(name, type);
  check(kind == 0 || kind == 1, name, ": kind ", kind, " is neither SiLU (0) nor GELU (1)");
  by_type(type, [&](auto t) {
    if (kind == 0) body(t, Silu{});
    else body(t, Gelu{});
  });
}

}  // namespace

void activation(int type, int kind, const void* x, void* y, int64_t n, void* stream) {
  Range range("activation");
  check_aligned("activation", x, y);
  by_activation("activation", type, kind, [&](auto t, auto f) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("activation", ActivationForward<T, decltype(f)>{static_cast<const T*>(x), static_cast<T*>(y)}, n, stream);
  });
}

void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n, void* stream) {
  Range range("activation_backward");
  check_aligned("activation_backward", x, dy, dx);
  by_activation("activation_backward", type, kind, [&](auto t, auto f) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("activation_backward",
                         ActivationBackward<T, decltype(f)>{static_cast<const T*>(x), static_cast<const T*>(dy), static_cast<T*>(dx)}, n,
                         stream);
  });
}

}  // namespace fizzy::cuda
