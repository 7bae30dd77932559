// One step of any sampler that is linear in x, the predicted x0, the x0 before it and noise: DDPM (Ho et al. 2020), DDIM (Song et
// al. 2021), DPM-Solver++(2M) (Lu et al. 2022), for eps- and v-prediction; guidance (Ho & Salimans 2022) in the same pass.
// A row of coefficients is {kx, kp, cx, c0, c1, cn, w, clamp}:
//   p = u + w (c - u)    x0 = kx x + kp p, in [-clamp, clamp] where clamp > 0    x = cx x + c0 x0 + c1 history + cn noise    history = x0
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(sampler_step, int type, int guided, float* x, const void* prediction, float* history, const float* coefficients, int step,
             const int* rows, const int* random, int purpose, int64_t batch, int64_t n)

struct StepCoefficients {
  float kx, kp, cx, c0, c1, cn, w, clamp;
};
inline StepCoefficients step_coefficients(const float* coefficients, int step) {
  const float* c = coefficients + int64_t{8} * step;
  return {c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]};
}
}  // namespace fizzy
