#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/activation/activation.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int64_t GRAIN = 1 << 14;  // 64 KiB of f32: above the cost of waking a thread, below half a level-2 cache

// Abramowitz & Stegun 7.1.26, |error| <= 1.5e-7.
vfloat erf(vfloat x) {
  vfloat sign = x < 0 ? splat(-1) : splat(1), a = x * sign;
  vfloat t = 1.f / fma(splat(.3275911f), a, splat(1));
  vfloat p = splat(1.061405429f);
  p = fma(p, t, splat(-1.453152027f));
  p = fma(p, t, splat(1.421413741f));
  p = fma(p, t, splat(-.284496736f));
  p = fma(p, t, splat(.254829592f));
  return sign * (1.f - p * t * exp(-a * a));
}

vfloat value(int kind, vfloat x) { return kind == SILU ? x * sigmoid(x) : .5f * x * (1.f + erf(x * .70710678f)); }

vfloat derivative(int kind, vfloat x) {
  if (kind == SILU) {
    vfloat s = sigmoid(x);
    return s * (1.f + x * (1.f - s));
  }
  return .5f * (1.f + erf(x * .70710678f)) + x * exp(-.5f * x * x) * .39894228f;
}

}  // namespace

void activation(int type, int kind, const void* x, void* y, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(x);
    auto out = static_cast<T*>(y);
    parallel_chunks(n, GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, value(kind, load(in + i)));
      if (i < end) store_part(out + i, value(kind, load_part(in + i, end - i)), end - i);
    });
  });
}

void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(x);
    auto up = static_cast<const T*>(dy);
    auto out = static_cast<T*>(dx);
    parallel_chunks(n, GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, load(up + i) * derivative(kind, load(in + i)));
      if (i < end) store_part(out + i, load_part(up + i, end - i) * derivative(kind, load_part(in + i, end - i)), end - i);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
