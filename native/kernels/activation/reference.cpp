#include <cmath>

#include "common/bf16.h"
#include "kernels/activation/activation.h"

namespace fizzy::reference {

static double value(int kind, double x) { return kind == SILU ? x / (1 + std::exp(-x)) : .5 * x * (1 + std::erf(x / std::sqrt(2.))); }

static double derivative(int kind, double x) {
  if (kind == SILU) {
    double s = 1 / (1 + std::exp(-x));
    return s * (1 + x * (1 - s));
  }
  return .5 * (1 + std::erf(x / std::sqrt(2.))) + x * std::exp(-.5 * x * x) / std::sqrt(2 * M_PI);
}

void activation(int type, int kind, const void* x, void* y, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < n; i++) static_cast<T*>(y)[i] = from_float<T>(value(kind, to_float(static_cast<const T*>(x)[i])));
  });
}

void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < n; i++)
      static_cast<T*>(dx)[i] = from_float<T>(derivative(kind, to_float(static_cast<const T*>(x)[i])) * to_float(static_cast<const T*>(dy)[i]));
  });
}

}  // namespace fizzy::reference
