// The transpose of unfold: x[b,i,j,c] = the sum of columns[pixel, c k k + tap] over all windows and taps that read (i,j); columns [B OH OW,
// C k k] in f32, x [B,H,W,C]. With it the input gradient of a convolution is one matrix product.
#pragma once
#include "kernels/unfold/unfold.h"

namespace fizzy {
constexpr int MAX_FOLDED_K = 8;

FIZZY_KERNEL(fold, int type, const Window& w, const float* columns, void* x)
}  // namespace fizzy
