// y = weight min(1e4, |a| / (|b| + 1e-4)): the adaptive weight of an adversarial loss (Esser et al. 2021), where a and b are the gradients
// of the reconstruction and of the adversarial loss with respect to the decoder's last weights.
#pragma once
#include "common/check.h"
#include "common/host_device.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::NormRatio& o) { check(o.n > 0, "norm_ratio: n ", o.n); }

template <typename Mark>
void outputs(const Backend::NormRatio& o, Mark mark) {
  mark(o.y, 1);
}

// Of the squares of the norms; NaN for NaN.
FIZZY_HOST_DEVICE inline float norm_ratio_of(double a, double b, float weight) {
  double ratio = sqrt(a) / (sqrt(b) + 1e-4);
  return static_cast<float>(weight * (ratio > 1e4 ? 1e4 : ratio));
}

}  // namespace fizzy
