#include <cmath>

#include "common/bf16.h"
#include "kernels/image_to_tensor/image_to_tensor.h"

namespace fizzy::reference {

void image_to_tensor(const Backend::ImageToTensor& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.n; i++) static_cast<T*>(o.y)[i] = from_float<T>(static_cast<const uint8_t*>(o.image)[i] / 127.5 - 1);
  });
}

void tensor_to_image(const Backend::TensorToImage& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.n; i++) {
      // In float, as every level computes it: how a half is rounded must not depend on the level.
      float v = (to_float(static_cast<const T*>(o.x)[i]) + 1.f) * 127.5f;
      v = v > 0 ? v : 0;  // NaN becomes 0
      static_cast<uint8_t*>(o.image)[i] = std::nearbyint(v < 255 ? v : 255);
    }
  });
}

}  // namespace fizzy::reference
