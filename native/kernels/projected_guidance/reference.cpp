#include "kernels/projected_guidance/projected_guidance.h"

#include "common/bf16.h"

namespace fizzy::reference {

void projected_guidance(const Backend::ProjectedGuidance& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto predicted = static_cast<const T*>(o.prediction);
    for (int64_t b = 0; b < o.batch; b++) {
      StepCoefficients k = step_coefficients(o.coefficients, step_of(o, b));
      auto conditional = [&](int64_t i) { return static_cast<double>(to_float(predicted[b * o.n + i])); };
      auto change = [&](int64_t i) { return conditional(i) - to_float(predicted[(o.batch + b) * o.n + i]); };
      auto clean = [&](int64_t i) { return k.kx * static_cast<double>(o.x[b * o.n + i]) + k.kp * conditional(i); };
      double along = 0, square = 0;
      for (int64_t i = 0; i < o.n; i++) {
        along += change(i) * clean(i);
        square += clean(i) * clean(i);
      }
      double q = projection(k, o.parallel, along, square);
      for (int64_t i = 0; i < o.n; i++) o.y[b * o.n + i] = static_cast<float>(conditional(i) + (k.w - 1.) * change(i) - q * clean(i));
    }
  });
}

}  // namespace fizzy::reference
