// The forward process xt = alpha x0 + sigma noise (Ho et al. 2020) and the network's target: the noise, or v = alpha noise - sigma x0
// (Salimans & Ho 2022).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(q_sample, int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random,
             int purpose, void* xt, float* target, int64_t batch, int64_t n)
}  // namespace fizzy
