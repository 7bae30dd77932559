// SiLU x*sigmoid(x) (Elfwing et al. 2017) and GELU x*Phi(x) (Hendrycks & Gimpel 2016, the exact form).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
enum ActivationKind { SILU = 0, GELU = 1 };
FIZZY_KERNEL(activation, int type, int kind, const void* x, void* y, int64_t n)
FIZZY_KERNEL(activation_backward, int type, int kind, const void* x, const void* dy, void* dx, int64_t n)
}  // namespace fizzy
