// N(0, 1) numbers counted by what they are for: Box-Muller over Philox 4x32-10 (common/philox.h, common/normal.h).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(noise, const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n)
}  // namespace fizzy
