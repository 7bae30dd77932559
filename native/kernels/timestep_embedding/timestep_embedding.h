// Sinusoidal embedding of diffusion times (Ho et al. 2020): cos(t f_i), then sin(t f_i), f_i = 10000^(-i / (width / 2)).
#pragma once
#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(timestep_embedding, int type, const float* t, void* y, int batch, int width)
}  // namespace fizzy
