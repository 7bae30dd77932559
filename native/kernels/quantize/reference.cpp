#include "kernels/quantize/quantize.h"

namespace fizzy::reference {

void quantize(const Quantization& q, const bf16* x, uint8_t* y, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    float lowest = static_cast<float>(-q.zero), highest = static_cast<float>(255 - q.zero);
    float steps = std::fmin(std::fmax(to_float(x[i]) * q.inverse, lowest), highest);  // fmax of NaN and lowest is lowest
    y[i] = static_cast<uint8_t>(static_cast<int>(std::nearbyint(steps)) + q.zero);
  }
}

}  // namespace fizzy::reference
