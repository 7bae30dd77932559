// Latents as a decoder takes them: y = x / scale, divided in double and rounded; and of each row the element with the largest magnitude, NaN
// if there is one, by which diverged latents are found. A maximum has the same bits in any order.
#pragma once
#include <cstdint>
#include <cstring>

#include "common/check.h"
#include "common/host_device.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Unscale& o) {
  check(o.batch > 0 && o.n > 0, "unscale: [", o.batch, ",", o.n, "]");
  check(o.scale > 0 || o.scale < 0, "unscale: the scale is ", o.scale);
}

template <typename Mark>
void outputs(const Backend::Unscale& o, Mark mark) {
  mark(o.y, o.batch * o.n);
  mark(o.extreme, o.batch);
}

FIZZY_HOST_DEVICE inline float unscaled(float x, double scale) { return static_cast<float>(double{x} / scale); }

// Orders floats by magnitude, NaN above infinity: the bits, with the sign as the lowest.
FIZZY_HOST_DEVICE inline uint32_t magnitude_key(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  return bits << 1 | bits >> 31;
}
FIZZY_HOST_DEVICE inline float of_magnitude_key(uint32_t key) {
  uint32_t bits = key >> 1 | key << 31;
  float v;
  std::memcpy(&v, &bits, 4);
  return v;
}

}  // namespace fizzy
