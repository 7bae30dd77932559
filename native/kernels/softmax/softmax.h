// y = exp(x - max) / sum of exp(x - max) over rows of [rows, columns]; dx = y (dy - sum of dy y).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(softmax, int type, const void* x, void* y, int64_t rows, int columns)
FIZZY_KERNEL(softmax_backward, int type, const void* y, const void* dy, void* dx, int64_t rows, int columns)
}  // namespace fizzy
