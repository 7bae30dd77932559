#include "kernels/sgd/sgd.h"

#include <cmath>

#include "common/bf16.h"

namespace fizzy::reference {

void sgd(const Backend::Sgd& o) {
  SgdSettings s = sgd_settings(o.settings);
  *o.norm = gradient_norm(o.gradients, o.n);
  if (!std::isfinite(*o.norm)) return;
  double clip = clip_factor(*o.norm, s.max_norm);
  for (int64_t i = 0; i < o.n; i++) {
    double g = clip * o.gradients[i] + static_cast<double>(s.weight_decay) * o.values[i];
    double v = static_cast<double>(s.momentum) * o.velocity[i] + g;
    o.velocity[i] = static_cast<float>(v);
    o.values[i] = static_cast<float>(o.values[i] - s.lr * v);
    if (o.narrow) static_cast<bf16*>(o.narrow)[i] = from_float<bf16>(o.values[i]);
  }
}

}  // namespace fizzy::reference
