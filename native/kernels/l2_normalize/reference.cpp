#include <cmath>

#include "kernels/l2_normalize/l2_normalize.h"

namespace fizzy::reference {

void l2_normalize(const float* x, float* y, float* norm, int64_t rows, int c) {
  for (int64_t r = 0; r < rows; r++) {
    double square = 0;
    for (int i = 0; i < c; i++) square += static_cast<double>(x[r * c + i]) * x[r * c + i];
    norm[r] = static_cast<float>(std::sqrt(square));
    for (int i = 0; i < c; i++) y[r * c + i] = static_cast<float>(x[r * c + i] / std::fmax(std::sqrt(square), L2_SMALLEST));
  }
}

void l2_normalize_backward(const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c) {
  for (int64_t r = 0; r < rows; r++) {
    double along = 0, length = norm[r];
    for (int i = 0; i < c && length >= L2_SMALLEST; i++) along += static_cast<double>(y[r * c + i]) * dy[r * c + i];
    for (int i = 0; i < c; i++) dx[r * c + i] = static_cast<float>((dy[r * c + i] - along * y[r * c + i]) / std::fmax(length, L2_SMALLEST));
  }
}

}  // namespace fizzy::reference
