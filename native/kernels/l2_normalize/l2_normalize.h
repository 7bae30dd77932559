// y = x / max(|x|, 1e-12) for each row of [R,C], and the norms themselves; dx = (dy - y (y . dy)) / max(|x|, 1e-12).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
constexpr float L2_SMALLEST = 1e-12f;  // torch.nn.functional.normalize's eps

FIZZY_KERNEL(l2_normalize, const float* x, float* y, float* norm, int64_t rows, int c)
FIZZY_KERNEL(l2_normalize_backward, const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c)
}  // namespace fizzy
