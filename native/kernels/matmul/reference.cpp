#include "kernels/matmul/matmul.h"

#include <cstddef>

namespace fizzy::reference {

void matmul(int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale, const float* a, const float* b, float* y) {
  for (int i = 0; i < batch; i++) {
    const float* left = a + static_cast<size_t>(i) * m * k;
    const float* right = b + static_cast<size_t>(i) * k * n;
    for (int r = 0; r < m; r++)
      for (int c = 0; c < n; c++) {
        double sum = 0;
        for (int l = 0; l < k; l++)
          sum += static_cast<double>(left[transpose_a ? static_cast<size_t>(l) * m + r : static_cast<size_t>(r) * k + l]) *
                 right[transpose_b ? static_cast<size_t>(c) * k + l : static_cast<size_t>(l) * n + c];
        y[(static_cast<size_t>(i) * m + r) * n + c] = static_cast<float>(scale * sum);
      }
  }
}

}  // namespace fizzy::reference
