// Stochastic gradient descent with momentum and weight decay as torch.optim.SGD (Sutskever et al. 2013, without dampening), the
// gradients clipped by their global norm before (Pascanu et al. 2013), over flat arrays of all parameters at once.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
struct SgdSettings {
  float lr, momentum, weight_decay, max_norm;
};
inline SgdSettings sgd_settings(const float* s) { return {s[0], s[1], s[2], s[3]}; }

FIZZY_KERNEL(sgd, const SgdSettings& settings, float clip, float* values, const float* gradients, float* velocity, int64_t n)
}  // namespace fizzy
