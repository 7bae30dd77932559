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

struct Sigmoid {
  __device__ static float value(float x) { return 1 / (1 + expf(-x)); }
  __device__ static float slope(float x) {
    float s = 1 / (1 + expf(-x));
    return s * (1 - s);
  }
};

struct Relu6 {
  __device__ static float value(float x) { return fminf(fmaxf(x, 0), 6); }
  __device__ static float slope(float x) { return x > 0 && x < 6 ? 1 : 0; }
};

struct HardSigmoid {
  __device__ static float value(float x) { return Relu6::value(x + 3) * (1 / 6.f); }
  __device__ static float slope(float x) { return x > -3 && x < 3 ? 1 / 6.f : 0; }
};

struct HardSwish {
  __device__ static float value(float x) { return x * HardSigmoid::value(x); }
  __device__ static float slope(float x) { return x > -3 ? (x < 3 ? fmaf(x, 1 / 3.f, .5f) : 1) : 0; }
};

struct LeakyRelu {
  __device__ static float value(float x) { return x > 0 ? x : LEAK * x; }
  __device__ static float slope(float x) { return x > 0 ? 1 : LEAK; }
};

template <typename T, typename F>
struct ActivationForward {
  Backend::Activation o;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v = load<W>(static_cast<const T*>(o.x) + i);
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = F::value(v[k]);
    store(static_cast<T*>(o.y) + i, v);
  }
};

template <typename T, typename F>
struct ActivationBackward {
  Backend::ActivationBackward o;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v = load<W>(static_cast<const T*>(o.x) + i), up = load<W>(static_cast<const T*>(o.dy) + i);
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = F::slope(v[k]) * up[k];
    store(static_cast<T*>(o.dx) + i, v);
  }
};

template <typename Body>
void by_activation(int type, int kind, Body body) {
  by_type(type, [&](auto t) {
    switch (kind) {
      case SILU: return body(t, Silu{});
      case GELU: return body(t, Gelu{});
      case SIGMOID: return body(t, Sigmoid{});
      case RELU6: return body(t, Relu6{});
      case HARD_SIGMOID: return body(t, HardSigmoid{});
      case LEAKY_RELU: return body(t, LeakyRelu{});
      default: return body(t, HardSwish{});
    }
  });
}

}  // namespace

void activation(const Backend::Activation& o, void* stream) {
  check_aligned("activation", o.x, o.y);
  by_activation(o.type, o.kind, [&](auto t, auto f) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("activation", ActivationForward<T, decltype(f)>{o}, o.n, stream);
  });
}

void activation_backward(const Backend::ActivationBackward& o, void* stream) {
  check_aligned("activation_backward", o.x, o.dy, o.dx);
  by_activation(o.type, o.kind, [&](auto t, auto f) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("activation_backward", ActivationBackward<T, decltype(f)>{o}, o.n, stream);
  });
}

}  // namespace fizzy::cuda
