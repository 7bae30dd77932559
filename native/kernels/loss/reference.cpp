#include <cmath>

#include "common/bf16.h"
#include "kernels/loss/loss.h"

namespace fizzy::reference {

void loss(const Backend::Loss& o) {
  by_type(o.type, [&](auto p) {
    by_type(o.target_type, [&](auto t) {
      double total = 0;
      for (int64_t i = 0; i < o.n; i++) {
        double d = double(to_float(static_cast<const decltype(p)*>(o.prediction)[i])) - to_float(static_cast<const decltype(t)*>(o.target)[i]);
        total += o.kind == MSE ? d * d : std::fabs(d);
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
        double d = double(to_float(static_cast<const P*>(o.prediction)[i])) - to_float(static_cast<const decltype(t)*>(o.target)[i]);
        double slope = o.kind == MSE ? 2 * d : (d > 0) - (d < 0);
        static_cast<P*>(o.dprediction)[i] = from_float<P>(*o.dloss * slope / o.n);
      }
    });
  });
}

}  // namespace fizzy::reference
