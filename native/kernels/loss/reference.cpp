#include <cmath>

#include "common/bf16.h"
#include "kernels/loss/loss.h"

namespace fizzy::reference {

void loss(int type, int target_type, int kind, const void* prediction, const void* target, float* loss, int64_t n, void*) {
  by_type(type, [&](auto p) {
    by_type(target_type, [&](auto t) {
      double total = 0;
      for (int64_t i = 0; i < n; i++) {
        double d = double(to_float(static_cast<const decltype(p)*>(prediction)[i])) - to_float(static_cast<const decltype(t)*>(target)[i]);
        total += kind == MSE ? d * d : std::fabs(d);
      }
      *loss = total / n;
    });
  });
}

void loss_backward(int type, int target_type, int kind, const void* prediction, const void* target, const float* dloss, void* dprediction,
                   int64_t n) {
  by_type(type, [&](auto p) {
    by_type(target_type, [&](auto t) {
      using P = decltype(p);
      for (int64_t i = 0; i < n; i++) {
        double d = double(to_float(static_cast<const P*>(prediction)[i])) - to_float(static_cast<const decltype(t)*>(target)[i]);
        double slope = kind == MSE ? 2 * d : (d > 0) - (d < 0);
        static_cast<P*>(dprediction)[i] = from_float<P>(*dloss * slope / n);
      }
    });
  });
}

}  // namespace fizzy::reference
