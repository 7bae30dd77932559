// The largest of each k x k window of every channel, [B,H,W,C] to [B,OH,OW,C]; windows begin `stride` pixels apart. With `ceil` a last
// window that begins inside the image is cut at its edge; without, it is left out.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

// The number of windows along an axis of n pixels.
inline int max_pool_extent(int n, int k, int stride, bool ceil) {
  int windows = (n - k + (ceil ? stride - 1 : 0)) / stride + 1;
  return (windows - 1) * stride < n ? windows : windows - 1;
}

inline void validate(const Backend::MaxPool& o) {
  check(o.b > 0 && o.h >= o.k && o.w >= o.k && o.c > 0 && o.k > 0 && o.stride > 0, "max_pool: windows of ", o.k, " every ", o.stride, " over [",
        o.b, ",", o.h, ",", o.w, ",", o.c, "]");
}

template <typename Mark>
void outputs(const Backend::MaxPool& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.b} * max_pool_extent(o.h, o.k, o.stride, o.ceil) * max_pool_extent(o.w, o.k, o.stride, o.ceil) * o.c);
}

}  // namespace fizzy
