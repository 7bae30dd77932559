#include <cmath>

#include "common/bf16.h"
#include "kernels/loss/loss.h"

namespace fizzy::reference {

static double value(int kind, double p, double t) {
  double d = p - t;
  if (kind == MSE) return d * d;
  if (kind == L1) return std::fabs(d);
  return kind == LINEAR ? -p * t : p * t < 1 ? 1 - p * t : 0;
}

static double slope(int kind, double p, double t) {
  if (kind == MSE) return 2 * (p - t);
  if (kind == L1) return (p > t) - (p < t);
  return kind == LINEAR || p * t < 1 ? -t : 0;
}

void loss(const Backend::Loss& o) {
  by_type(o.type, [&](auto p) {
    by_type(o.target_type, [&](auto t) {
      double total = 0;
      for (int64_t i = 0; i < o.n; i++) {
        total +=
            value(o.kind, to_float(static_cast<const decltype(p)*>(o.prediction)[i]), to_float(static_cast<const decltype(t)*>(o.target)[i]));
      }
      *o.loss = total / o.n;
    });
  });
}

void loss_backward(const Backend::LossBackward& o) {
  by_type(o.type, [&](auto p) {
    by_type(o.target_type, [&](auto t) {
      using P = decltype(p);
      for (int64_t i = 0; i < o.n; i++) {
        double down = slope(o.kind, to_float(static_cast<const P*>(o.prediction)[i]), to_float(static_cast<const decltype(t)*>(o.target)[i]));
        static_cast<P*>(o.dprediction)[i] = from_float<P>(*o.dloss * down / o.n);
      }
    });
  });
}

}  // namespace fizzy::reference
