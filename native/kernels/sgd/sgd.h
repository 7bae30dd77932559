// Stochastic gradient descent with momentum and weight decay as torch.optim.SGD (Sutskever et al. 2013, without dampening), after clipping
// the gradients by their global norm (Pascanu et al. 2013), over flat arrays of all parameters at once:
//   velocity = momentum velocity + (clipped gradient + decay value),  value -= lr velocity.
#pragma once
#include "common/check.h"
#include "common/host_device.h"
#include "fizzy/backend.h"
#include "kernels/adam/adam.h"

namespace fizzy {

// max_norm = 0 turns clipping off.
struct SgdSettings {
  float lr, momentum, weight_decay, max_norm;
};
FIZZY_HOST_DEVICE inline SgdSettings sgd_settings(const float* s) { return {s[0], s[1], s[2], s[3]}; }

inline void validate(const Backend::Sgd& o) { check(o.n >= 0, "sgd: n ", o.n); }
inline void validate_data(const Backend::Sgd& o) {
  SgdSettings s = sgd_settings(o.settings);
  check(s.momentum >= 0 && s.momentum < 1 && s.weight_decay >= 0, "sgd: momentum ", s.momentum, ", weight decay ", s.weight_decay);
}

template <typename Mark>
void outputs(const Backend::Sgd& o, Mark mark) {
  mark(o.norm, 1);
}

namespace cpu {
inline int64_t scratch_bytes(const Backend::Sgd&) { return NORM_PARTIALS * int64_t{sizeof(double)}; }
}  // namespace cpu

}  // namespace fizzy
