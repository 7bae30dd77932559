#include <algorithm>
#include <cmath>

#include "common/bf16.h"
#include "kernels/activation/activation.h"

namespace fizzy::reference {

static double relu6(double x) { return std::min(std::max(x, 0.), 6.); }

static double value(int kind, double x) {
  switch (kind) {
    case SILU: return x / (1 + std::exp(-x));
    case GELU: return .5 * x * (1 + std::erf(x / std::sqrt(2.)));
    case SIGMOID: return 1 / (1 + std::exp(-x));
    case RELU6: return relu6(x);
    case HARD_SIGMOID: return relu6(x + 3) / 6;
    case LEAKY_RELU: return x > 0 ? x : LEAK * x;
    default: return x * relu6(x + 3) / 6;
  }
}

static double derivative(int kind, double x) {
  double s = 1 / (1 + std::exp(-x));
  switch (kind) {
    case SILU: return s * (1 + x * (1 - s));
    case GELU: return .5 * (1 + std::erf(x / std::sqrt(2.))) + x * std::exp(-.5 * x * x) / std::sqrt(2 * M_PI);
    case SIGMOID: return s * (1 - s);
    case RELU6: return x > 0 && x < 6 ? 1 : 0;
    case HARD_SIGMOID: return x > -3 && x < 3 ? 1. / 6 : 0;
    case LEAKY_RELU: return x > 0 ? 1 : LEAK;
    default: return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + .5;
  }
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
