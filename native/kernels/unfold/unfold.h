// y[pixel, c k k + tap] = x at that tap of the window, zero outside the image: x [B, H, W, C] to y [B OH OW, C k k]. With it a
// convolution and its weight gradient are one matrix product each, in the published order of the weights.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
constexpr int MAX_UNFOLDED_CHANNELS = 4096;

struct Window {
  int batch, height, width, channels, k, stride, top, left, out_height, out_width;
  int64_t pixels() const { return int64_t{batch} * out_height * out_width; }
  int64_t taps() const { return int64_t{channels} * k * k; }
};
FIZZY_KERNEL(unfold, int type, const Window& w, const void* x, void* y)
}  // namespace fizzy
