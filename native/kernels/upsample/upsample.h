// Nearest-neighbour upsampling by two, [B,H,W,C] to [B,2H,2W,C]; backward sums the four pixels that one became.
#pragma once
#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(upsample, int type, const void* x, void* y, int b, int h, int w, int c)
FIZZY_KERNEL(upsample_backward, int type, const void* dy, void* dx, int b, int h, int w, int c)
}  // namespace fizzy
