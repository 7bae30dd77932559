// Floor: two accesses an element (backward three) over bandwidth; computing the exponential overlaps with them.
#include "common/cuda.cuh"
#include "kernels/activation/activation.h"

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
void by_activation(int type, int kind, Body body) {
  by_type(type, [&](auto t) {
    if (kind == SILU) body(t, Silu{});
    else body(t, Gelu{});
  });
}

}  // namespace

void activation(const Backend::Activation& o, void* stream) {
  check_aligned("activation", o.x, o.y);
  by_activation(o.type, o.kind, [&](auto t, auto f) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("activation", ActivationForward<T, decltype(f)>{static_cast<const T*>(o.x), static_cast<T*>(o.y)}, o.n, stream);
  });
}

void activation_backward(const Backend::ActivationBackward& o, void* stream) {
  check_aligned("activation_backward", o.x, o.dy, o.dx);
  by_activation(o.type, o.kind, [&](auto t, auto f) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("activation_backward",
                         ActivationBackward<T, decltype(f)>{static_cast<const T*>(o.x), static_cast<const T*>(o.dy), static_cast<T*>(o.dx)}, o.n,
                         stream);
  });
}

}  // namespace fizzy::cuda
