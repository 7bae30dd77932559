#include "kernels/sampler_step/sampler_step.h"

#include "common/philox.h"
#include "fizzy/kernels.h"

namespace fizzy {

void sampler_step(int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, const int* step,
                  int steps, const int* rows, const int* random, int purpose, int64_t batch, int64_t n) {
  check(*step >= 0 && *step < steps, "sampler_step: step ", *step, " must be in 0..", steps - 1);
  check(past >= 0 && past <= MAX_PAST, "sampler_step: ", past, " past predictions, not 0..", MAX_PAST);
  check_random("sampler_step", purpose, *step, batch, n);
  FIZZY_SELECT(sampler_step)(type, guided, x, prediction, history, past, coefficients, *step, rows, random, purpose, batch, n);
}

}  // namespace fizzy
