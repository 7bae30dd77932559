#include "kernels/sgd/sgd.h"

namespace fizzy::reference {

void sgd(const SgdSettings& s, float clip, float* values, const float* gradients, float* velocity, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double g = static_cast<double>(clip) * gradients[i] + static_cast<double>(s.weight_decay) * values[i];
    double v = static_cast<double>(s.momentum) * velocity[i] + g;
    velocity[i] = static_cast<float>(v);
    values[i] = static_cast<float>(values[i] - s.lr * v);
  }
}

}  // namespace fizzy::reference
