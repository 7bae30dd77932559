#include "kernels/adam/adam.h"

#include <cmath>

#include "common/bf16.h"

namespace fizzy::reference {

float gradient_norm(const float* gradients, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += static_cast<double>(gradients[i]) * gradients[i];
  return static_cast<float>(std::sqrt(sum));
}

void adam(const Backend::Adam& o) {
  AdamSettings s = adam_settings(o.settings);
  *o.norm = gradient_norm(o.gradients, o.n);
  if (!std::isfinite(*o.norm)) return;
  double clip = clip_factor(*o.norm, s.max_norm);
  for (int64_t i = 0; i < o.n; i++) {
    double g = clip * o.gradients[i];
    double m = s.beta1 * static_cast<double>(o.first_moment[i]) + (1 - static_cast<double>(s.beta1)) * g;
    double v = s.beta2 * static_cast<double>(o.second_moment[i]) + (1 - static_cast<double>(s.beta2)) * g * g;
    double w = o.values[i] - s.lr * (m / s.correction1) / (std::sqrt(v / s.correction2) + s.eps);
    o.first_moment[i] = static_cast<float>(m);
    o.second_moment[i] = static_cast<float>(v);
    o.values[i] = static_cast<float>(w);
    if (o.narrow) static_cast<bf16*>(o.narrow)[i] = from_float<bf16>(o.values[i]);
    o.average[i] = static_cast<float>(s.decay * static_cast<double>(o.average[i]) + (1 - static_cast<double>(s.decay)) * w);
  }
}

}  // namespace fizzy::reference
