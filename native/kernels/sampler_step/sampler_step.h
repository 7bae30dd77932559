// One step of any sampler that is linear in x, the predicted x0, the x0 of up to three steps before and noise: DDPM (Ho et al. 2020),
// DDIM (Song et al. 2021), DPM-Solver++ (Lu et al. 2022), UniPC (Zhao et al. 2023), for eps- and v-prediction; guidance (Ho & Salimans
// 2022) in the same pass. A row of coefficients is {kx, kp, cx, c0, c1, c2, c3, cn, w, clamp}:
//   p  = u + w (c - u)
//   x0 = kx x + kp p, in [-clamp, clamp] where clamp > 0
//   x  = cx x + c0 x0 + c1 h1 + c2 h2 + c3 h3 + cn noise
// h_j is the x0 of j steps before. history [past,B,n] is a ring: step i writes its x0 to slot i mod past.
#pragma once
#include <cstdint>

#include "common/host_device.h"
#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(sampler_step, int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, int step,
             const int* rows, const int* random, int purpose, int64_t batch, int64_t n)

constexpr int MAX_PAST = 3, STEP_COEFFICIENTS = 10;

struct StepCoefficients {
  float kx, kp, cx, c0, c[MAX_PAST], cn, w, clamp;
};
static_assert(sizeof(StepCoefficients) == STEP_COEFFICIENTS * sizeof(float), "a row of coefficients is this struct");

FIZZY_HOST_DEVICE inline StepCoefficients step_coefficients(const float* coefficients, int step) {
  const float* row = coefficients + int64_t{STEP_COEFFICIENTS} * step;
  return {row[0], row[1], row[2], row[3], {row[4], row[5], row[6]}, row[7], row[8], row[9]};
}

// The slot of the ring that holds the x0 of `before` steps before `step`; before = 0: the slot that this step writes.
FIZZY_HOST_DEVICE inline int history_slot(int step, int before, int past) { return (step + past - before) % past; }
}  // namespace fizzy
