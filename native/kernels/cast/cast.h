// f32 to bf16 (to nearest even) and back (exact).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(cast, int from, int to, const void* x, void* y, int64_t n)
}  // namespace fizzy
