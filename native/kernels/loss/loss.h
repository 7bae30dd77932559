// The mean of (prediction - target)^2, kind 0, or of |prediction - target|, kind 1; and its gradient.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
enum LossKind { MSE = 0, L1 = 1 };
constexpr int64_t LOSS_CHUNK = 1 << 14;  // elements that one partial sum covers
FIZZY_KERNEL(loss, int type, int target_type, int kind, const void* prediction, const void* target, float* loss, int64_t n, void* scratch)
FIZZY_KERNEL(loss_backward, int type, int target_type, int kind, const void* prediction, const void* target, const float* dloss,
             void* dprediction, int64_t n)
}  // namespace fizzy
