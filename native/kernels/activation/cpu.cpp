#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/activation/activation.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// e^(-x^2/2) and erf(x / sqrt 2), for GELU and its derivative: both use one exponential. Abramowitz & Stegun 7.1.26, |error| <= 1.5e-7.
template <typename T>
struct Gaussian {
  vfloat density, erf;

  explicit Gaussian(vfloat x) {
    vfloat sign = x < 0 ? splat(-1) : splat(1), a = x * sign;
    density = sigmoid_divisor<T>(.5f * x * x) - 1.f;
    vfloat t = 1.f / fma(splat(.3275911f * .70710678f), a, splat(1));
    vfloat p = splat(1.061405429f);
    p = fma(p, t, splat(-1.453152027f));
    p = fma(p, t, splat(1.421413741f));
    p = fma(p, t, splat(-.284496736f));
    p = fma(p, t, splat(.254829592f));
    erf = sign * (1.f - p * t * density);
  }
};

vfloat relu6(vfloat x) { return min(max(x, vfloat{}), splat(6)); }

template <typename T>
vfloat value(int kind, vfloat x) {
  switch (kind) {
    case SILU: return silu<T>(x);
    case GELU: return .5f * x * (1.f + Gaussian<T>(x).erf);
    case SIGMOID: return sigmoid<T>(x);
    case RELU6: return relu6(x);
    case HARD_SIGMOID: return relu6(x + 3.f) * (1 / 6.f);
    case LEAKY_RELU: return x > 0 ? x : LEAK * x;
    default: return x * relu6(x + 3.f) * (1 / 6.f);
  }
}

template <typename T>
vfloat derivative(int kind, vfloat x) {
  switch (kind) {
    case SILU: {
      vfloat s = sigmoid<T>(x);
      return s * (1.f + x * (1.f - s));
    }
    case GELU: {
      Gaussian<T> g(x);
      return fma(x * g.density, splat(.39894228f), .5f * (1.f + g.erf));
    }
    case SIGMOID: {
      vfloat s = sigmoid<T>(x);
      return s * (1.f - s);
    }
    case RELU6: return (x > 0) & (x < 6) ? splat(1) : vfloat{};
    case HARD_SIGMOID: return (x > -3) & (x < 3) ? splat(1 / 6.f) : vfloat{};
    case LEAKY_RELU: return x > 0 ? splat(1) : splat(LEAK);
    default: return x > -3 ? (x < 3 ? fma(x, splat(1 / 3.f), splat(.5f)) : splat(1)) : vfloat{};
  }
}

}  // namespace

void activation(const Backend::Activation& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(o.x);
    auto out = static_cast<T*>(o.y);
    parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, value<T>(o.kind, load(in + i)));
      if (i < end) store_part(out + i, value<T>(o.kind, load_part(in + i, end - i)), end - i);
    });
  });
}

void activation_backward(const Backend::ActivationBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(o.x);
    auto up = static_cast<const T*>(o.dy);
    auto out = static_cast<T*>(o.dx);
    parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, load(up + i) * derivative<T>(o.kind, load(in + i)));
      if (i < end) store_part(out + i, load_part(up + i, end - i) * derivative<T>(o.kind, load_part(in + i, end - i)), end - i);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
