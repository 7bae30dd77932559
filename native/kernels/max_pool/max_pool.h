// The largest of each k x k window of every channel, [B,H,W,C] to [B,OH,OW,C]; windows begin `stride` pixels apart. Rounded up
// (`ceil`), a last window that begins inside the image is cut at its edge; rounded down, it is left out.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(max_pool, int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil)

// Windows along an axis of n pixels.
inline int max_pool_extent(int n, int k, int stride, int ceil) {
  int windows = (n - k + (ceil ? stride - 1 : 0)) / stride + 1;
  return (windows - 1) * stride < n ? windows : windows - 1;
}
}  // namespace fizzy
