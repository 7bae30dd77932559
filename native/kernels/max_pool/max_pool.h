// The largest of each k x k window of every channel, [B,H,W,C] to [B,OH,OW,C]; windows begin `stride` pixels apart, the first one `top` rows
// above the image and `left` columns before it, and are cut at its edges.
#pragma once
#include <algorithm>

#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::MaxPool& o) {
  bool fits = o.b > 0 && o.h > 0 && o.w > 0 && o.c > 0 && o.k > 0 && o.stride > 0 && o.oh > 0 && o.ow > 0 && o.top >= 0 && o.top < o.k &&
              o.left >= 0 && o.left < o.k;
  check(fits && (o.oh - 1) * int64_t{o.stride} - o.top < o.h && (o.ow - 1) * int64_t{o.stride} - o.left < o.w, "max_pool: ", o.oh, "x", o.ow,
        " windows of ", o.k, " every ", o.stride, " from ", -o.top, ",", -o.left, " over [", o.b, ",", o.h, ",", o.w, ",", o.c, "]");
}
inline void validate(const Backend::MaxPoolBackward& o) { validate(o.forward); }

template <typename Mark>
void outputs(const Backend::MaxPool& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.b} * o.oh * o.ow * o.c);
}
template <typename Mark>
void outputs(const Backend::MaxPoolBackward& o, Mark mark) {
  mark(o.dx, o.forward.type, int64_t{o.forward.b} * o.forward.h * o.forward.w * o.forward.c);
}

}  // namespace fizzy
