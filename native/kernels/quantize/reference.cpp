#include "kernels/quantize/quantize.h"

#include <algorithm>

namespace fizzy::reference {

void quantize(const Quantization& q, const bf16* x, uint8_t* y, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    float steps = std::clamp(to_float(x[i]) * q.inverse, static_cast<float>(-q.zero), static_cast<float>(255 - q.zero));
    y[i] = static_cast<uint8_t>(static_cast<int>(std::nearbyint(steps)) + q.zero);
  }
}

}  // namespace fizzy::reference
