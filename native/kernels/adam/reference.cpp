#include "kernels/adam/adam.h"

namespace fizzy::reference {

void gradient_norm(const float* gradients, float* norm, double*, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += static_cast<double>(gradients[i]) * gradients[i];
  *norm = static_cast<float>(std::sqrt(sum));
}

void adam(const AdamSettings& s, float clip, float* values, const float* gradients, float* first_moment, float* second_moment, float* average,
          int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double g = static_cast<double>(clip) * gradients[i];
    double m = s.beta1 * static_cast<double>(first_moment[i]) + (1 - static_cast<double>(s.beta1)) * g;
    double v = s.beta2 * static_cast<double>(second_moment[i]) + (1 - static_cast<double>(s.beta2)) * g * g;
    double w = values[i] - s.lr * (m / s.correction1) / (std::sqrt(v / s.correction2) + s.eps);
    first_moment[i] = static_cast<float>(m);
    second_moment[i] = static_cast<float>(v);
    values[i] = static_cast<float>(w);
    average[i] = static_cast<float>(s.decay * static_cast<double>(average[i]) + (1 - static_cast<double>(s.decay)) * w);
  }
}

}  // namespace fizzy::reference
