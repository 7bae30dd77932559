// Floor: bytes over bandwidth: x and both predictions are read, p is written; the second pass over an image reads from the cache.
#include "kernels/projected_guidance/projected_guidance.h"

#include <cmath>

#include "common/parallel.h"
#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {

void projected_guidance(const Backend::ProjectedGuidance& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_for(o.batch, [&](int64_t b) {
      StepCoefficients k = step_coefficients(o.coefficients, step_of(o, b));
      const float* x = o.x + b * o.n;
      const T *conditional = static_cast<const T*>(o.prediction) + b * o.n, *unconditional = conditional + o.batch * o.n;
      float* y = o.y + b * o.n;
      auto clean = [&](int64_t i) { return std::fma(k.kp, to_float(conditional[i]), k.kx * x[i]); };
      double along = 0, square = 0;
      for (int64_t i = 0; i < o.n; i++) {
        double at = clean(i);
        along += at * (to_float(conditional[i]) - to_float(unconditional[i]));
        square += at * at;
      }
      float q = static_cast<float>(projection(k, o.parallel, along, square));
      for (int64_t i = 0; i < o.n; i++) {
        float u = to_float(unconditional[i]);
        y[i] = std::fma(-q, clean(i), std::fma(k.w, to_float(conditional[i]) - u, u));
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
