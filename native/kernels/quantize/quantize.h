// q = round(x / scale) + zero within 0 to 255, to nearest, ties to even: bf16 activations x as u8 integers, x ~ scale (q - zero);
// NaN becomes 0, the lowest.
#pragma once
#include <cmath>
#include <cstdint>

#include "common/bf16.h"
#include "common/level.h"

namespace fizzy {

struct Quantization {
  float scale, inverse;
  int zero;

  // For activations from -reach[0] to reach[1], which contains zero.
  explicit Quantization(const float* reach)
      : scale((reach[0] + reach[1]) / 255), inverse(1 / scale), zero(static_cast<int>(std::nearbyint(reach[0] / scale))) {}
};

FIZZY_KERNEL(quantize, const Quantization& q, const bf16* x, uint8_t* y, int64_t n)

}  // namespace fizzy
