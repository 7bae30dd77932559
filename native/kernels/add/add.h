// y = a + b, and y = value.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(add, int type, const void* a, const void* b, void* y, int64_t n)
FIZZY_KERNEL(fill_value, float* y, float value, int64_t n)
}  // namespace fizzy
