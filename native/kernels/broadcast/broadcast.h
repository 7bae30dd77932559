// y[r][c] = x[c]: one f32 row as many, in the type of the activations.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(broadcast, int type, const float* x, void* y, int rows, int columns)
}  // namespace fizzy
