// Classifier-free guidance (Ho & Salimans 2022) without the part of its change that is parallel to the predicted clean image, which raises
// contrast and saturation (Sadat et al., "Eliminating oversaturation and artifacts of high guidance scales in diffusion models", ICLR
// 2025). For each image, with X = kx x + kp c the x0 of the conditional prediction c and d = c - u:
//   p = u + w d - q X,  q = (w - 1) (1 - parallel) <d, X> / <X, X>  where w > 1, else 0
// Of a row of coefficients (sampler_step.h) kx, kp and w count. All images take the same row, or each its own. Sums in double.
#pragma once
#include "kernels/sampler_step/sampler_step.h"

namespace fizzy {

inline void validate(const Backend::ProjectedGuidance& o) {
  check(o.batch > 0 && o.n > 0, "projected_guidance: ", o.batch, " images of ", o.n);
  check(o.steps > 0, "projected_guidance: ", o.steps, " steps");
}
inline void validate_data(const Backend::ProjectedGuidance& o) {
  for (int64_t b = 0; b < (o.each_step ? o.batch : 1); b++)
    check(o.step[b] >= 0 && o.step[b] < o.steps, "projected_guidance: step ", o.step[b], " must be in 0..", o.steps - 1);
}

// The step of an image.
FIZZY_HOST_DEVICE inline int step_of(const Backend::ProjectedGuidance& o, int64_t image) { return o.step[o.each_step ? image : 0]; }

// q, in double.
FIZZY_HOST_DEVICE inline double projection(const StepCoefficients& k, float parallel, double along, double square) {
  return k.w > 1 && square > 0 ? (k.w - 1.) * (1. - parallel) * along / square : 0;
}

template <typename Mark>
void outputs(const Backend::ProjectedGuidance& o, Mark mark) {
  mark(o.y, o.batch * o.n);
}

}  // namespace fizzy
