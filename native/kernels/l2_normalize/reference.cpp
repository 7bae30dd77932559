#include <cmath>

#include "kernels/l2_normalize/l2_normalize.h"

namespace fizzy::reference {

void l2_normalize(const Backend::L2Normalize& o) {
  for (int64_t r = 0; r < o.rows; r++) {
    double square = 0;
    for (int i = 0; i < o.c; i++) square += static_cast<double>(o.x[r * o.c + i]) * o.x[r * o.c + i];
    o.norm[r] = static_cast<float>(std::sqrt(square));
    for (int i = 0; i < o.c; i++) o.y[r * o.c + i] = static_cast<float>(o.x[r * o.c + i] / std::fmax(std::sqrt(square), L2_SMALLEST));
  }
}

void l2_normalize_backward(const Backend::L2NormalizeBackward& o) {
  for (int64_t r = 0; r < o.rows; r++) {
    double along = 0, length = o.norm[r];
    for (int i = 0; i < o.c && length >= L2_SMALLEST; i++) along += static_cast<double>(o.y[r * o.c + i]) * o.dy[r * o.c + i];
    for (int i = 0; i < o.c; i++)
      o.dx[r * o.c + i] = static_cast<float>((o.dy[r * o.c + i] - along * o.y[r * o.c + i]) / std::fmax(length, L2_SMALLEST));
  }
}

}  // namespace fizzy::reference
