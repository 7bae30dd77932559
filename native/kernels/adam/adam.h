// Adam (Kingma & Ba 2015) with clipping by the global gradient norm (Pascanu et al. 2013) and an exponential moving average of the
// weights, over flat arrays of all parameters at once.
#pragma once
#include "common/check.h"
#include "common/host_device.h"
#include "fizzy/backend.h"

namespace fizzy {

constexpr int64_t NORM_PARTIALS = 1024;  // maximum number of partial sums of the norm; their bounds depend on n alone

// correction1 and correction2 are 1 - beta^t; decay is that of the average; max_norm = 0 turns clipping off.
struct AdamSettings {
  float lr, beta1, beta2, eps, correction1, correction2, decay, max_norm;
};
FIZZY_HOST_DEVICE inline AdamSettings adam_settings(const float* s) { return {s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]}; }

// The factor by which the gradients are multiplied.
FIZZY_HOST_DEVICE inline float clip_factor(float norm, float max_norm) { return max_norm > 0 && norm > max_norm ? max_norm / norm : 1.f; }

inline void validate(const Backend::Adam& o) { check(o.n >= 0, "adam: n ", o.n); }
inline void validate_data(const Backend::Adam& o) {
  AdamSettings s = adam_settings(o.settings);
  check(s.beta1 >= 0 && s.beta1 < 1 && s.beta2 >= 0 && s.beta2 < 1, "adam: betas ", s.beta1, " and ", s.beta2, " must be in [0,1)");
  check(s.correction1 > 0 && s.correction2 > 0, "adam: bias corrections ", s.correction1, " and ", s.correction2, " must be positive");
  check(s.eps > 0 && s.decay >= 0 && s.decay <= 1, "adam: eps ", s.eps, ", decay of the average ", s.decay);
}

template <typename Mark>
void outputs(const Backend::Adam& o, Mark mark) {
  mark(o.norm, 1);
}

namespace cpu {
inline int64_t scratch_bytes(const Backend::Adam&) { return NORM_PARTIALS * int64_t{sizeof(double)}; }
}  // namespace cpu

namespace reference { float gradient_norm(const float* gradients, int64_t n); }

}  // namespace fizzy
