// Adam (Kingma & Ba 2015) with clipping by the global gradient norm (Pascanu et al. 2013) and an exponential moving average of the
// weights, over flat arrays of all parameters at once.
#pragma once
#include <cmath>
#include <cstdint>

#include "common/level.h"

namespace fizzy {
constexpr int64_t ADAM_PARTIALS = 1024;  // partial sums of the norm: their bounds depend on n alone

struct AdamSettings {
  float lr, beta1, beta2, eps, correction1, correction2, decay, max_norm;
};
inline AdamSettings adam_settings(const float* s) { return {s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]}; }

// The factor on the gradients.
inline float adam_clip(float norm, float max_norm) { return max_norm > 0 && norm > max_norm ? max_norm / norm : 1.f; }

FIZZY_KERNEL(gradient_norm, const float* gradients, float* norm, double* partials, int64_t n)
FIZZY_KERNEL(adam, const AdamSettings& settings, float clip, float* values, const float* gradients, float* first_moment, float* second_moment,
             float* average, int64_t n)
}  // namespace fizzy
