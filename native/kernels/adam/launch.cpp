#include "kernels/adam/adam.h"

#include "common/check.h"
#include "fizzy/kernels.h"

namespace fizzy {

int64_t adam_scratch_bytes() { return ADAM_PARTIALS * static_cast<int64_t>(sizeof(double)); }

void adam(const float* settings, float* values, const float* gradients, float* first_moment, float* second_moment, float* average, float* norm,
          void* scratch, int64_t n) {
  AdamSettings s = adam_settings(settings);
  check(n >= 0 && s.beta1 >= 0 && s.beta1 < 1 && s.beta2 >= 0 && s.beta2 < 1, "adam: n ", n, ", betas ", s.beta1, " and ", s.beta2);
  check(s.correction1 > 0 && s.correction2 > 0, "adam: bias corrections ", s.correction1, " and ", s.correction2, " must be positive");
  check(s.eps > 0 && s.decay >= 0 && s.decay <= 1, "adam: eps ", s.eps, ", decay of the average ", s.decay);
  FIZZY_SELECT(gradient_norm)(gradients, norm, static_cast<double*>(scratch), n);
  if (!std::isfinite(*norm)) return;
  FIZZY_SELECT(adam)(s, adam_clip(*norm, s.max_norm), values, gradients, first_moment, second_moment, average, n);
}

}  // namespace fizzy
