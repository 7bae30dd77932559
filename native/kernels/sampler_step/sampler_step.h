// One step of any sampler that is linear in x, the predicted x0, the predicted x0 of up to three previous steps, and noise: DDPM (Ho et al.
// 2020), DDIM (Song et al. 2021), DPM-Solver++ (Lu et al. 2022), UniPC (Zhao et al. 2023), for eps- and v-prediction; guidance (Ho &
// Salimans 2022) in the same pass:
//   p  = u + w (c - u)
//   x0 = kx x + kp p, in [-clamp, clamp] where clamp > 0
//   x  = cx x + c0 x0 + c1 h1 + c2 h2 + c3 h3 + cn noise
// h_j is the x0 predicted j steps ago. history [past,B,n] is a ring buffer: step i writes its x0 to slot i mod past.
#pragma once
#include "common/host_device.h"
#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

constexpr int MAX_PAST = 3, STEP_COEFFICIENTS = 10;

// A row of coefficients; c holds c1 to c3.
struct StepCoefficients {
  float kx, kp, cx, c0, c[MAX_PAST], cn, w, clamp;
};
static_assert(sizeof(StepCoefficients) == STEP_COEFFICIENTS * sizeof(float), "a row of coefficients is this struct");

FIZZY_HOST_DEVICE inline StepCoefficients step_coefficients(const float* coefficients, int step) {
  const float* row = coefficients + int64_t{STEP_COEFFICIENTS} * step;
  return {row[0], row[1], row[2], row[3], {row[4], row[5], row[6]}, row[7], row[8], row[9]};
}

// The x0 predicted `before` steps before `step`; before = 0: the slot that this step writes.
FIZZY_HOST_DEVICE inline float* history_at(const Backend::SamplerStep& o, int step, int before) {
  return o.history + (step + o.past - before) % o.past * o.batch * o.n;
}

inline void validate(const Backend::SamplerStep& o) {
  check(o.steps > 0, "sampler_step: ", o.steps, " steps");
  check(o.past >= 0 && o.past <= MAX_PAST, "sampler_step: ", o.past, " past predictions, not 0..", MAX_PAST);
  check_random("sampler_step", o.purpose, o.batch, o.n);
}
inline void validate_data(const Backend::SamplerStep& o) {
  check(*o.step >= 0 && *o.step < o.steps, "sampler_step: step ", *o.step, " must be in 0..", o.steps - 1);
  check_step("sampler_step", *o.step);
}

// Past predictions whose coefficient is 0 must not be read.
template <typename Mark>
void outputs(const Backend::SamplerStep& o, Mark mark) {
  if (*o.step < 0 || *o.step >= o.steps) return;
  StepCoefficients k = step_coefficients(o.coefficients, *o.step);
  for (int j = 1; j <= o.past; j++)
    if (k.c[j - 1] == 0) mark(history_at(o, *o.step, j), o.batch * o.n);
}

}  // namespace fizzy
