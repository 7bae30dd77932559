// Nearest-neighbor upsampling by two, [B,H,W,C] to [B,2H,2W,C]; backward sums the four pixels copied from one.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Upsample& o) {
  check(o.b > 0 && o.h > 0 && o.w > 0 && o.c > 0, "upsample: [", o.b, ",", o.h, ",", o.w, ",", o.c, "]");
}
inline void validate(const Backend::UpsampleBackward& o) {
  check(o.b > 0 && o.h > 0 && o.w > 0 && o.c > 0, "upsample_backward: [", o.b, ",", o.h, ",", o.w, ",", o.c, "]");
}

template <typename Mark>
void outputs(const Backend::Upsample& o, Mark mark) {
  mark(o.y, o.type, int64_t{4} * o.b * o.h * o.w * o.c);
}
template <typename Mark>
void outputs(const Backend::UpsampleBackward& o, Mark mark) {
  mark(o.dx, o.type, int64_t{o.b} * o.h * o.w * o.c);
}

}  // namespace fizzy
