#include "kernels/sgd/sgd.h"

#include <cmath>

#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/adam/adam.h"

namespace fizzy {

int64_t sgd_scratch_bytes() { return adam_scratch_bytes(); }

void sgd(const float* settings, float* values, const float* gradients, float* velocity, float* norm, void* scratch, int64_t n) {
  SgdSettings s = sgd_settings(settings);
  check(n >= 0 && s.momentum >= 0 && s.momentum < 1 && s.weight_decay >= 0, "sgd: n ", n, ", momentum ", s.momentum, ", weight decay ",
        s.weight_decay);
  FIZZY_SELECT(gradient_norm)(gradients, norm, static_cast<double*>(scratch), n);
  if (!std::isfinite(*norm)) return;
  FIZZY_SELECT(sgd)(s, adam_clip(*norm, s.max_norm), values, gradients, velocity, n);
}

}  // namespace fizzy
