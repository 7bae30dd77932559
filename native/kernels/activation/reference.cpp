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

void activation(const Backend::Activation& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.n; i++) static_cast<T*>(o.y)[i] = from_float<T>(value(o.kind, to_float(static_cast<const T*>(o.x)[i])));
  });
}

void activation_backward(const Backend::ActivationBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.n; i++)
      static_cast<T*>(o.dx)[i] =
          from_float<T>(derivative(o.kind, to_float(static_cast<const T*>(o.x)[i])) * to_float(static_cast<const T*>(o.dy)[i]));
  });
}

}  // namespace fizzy::reference
