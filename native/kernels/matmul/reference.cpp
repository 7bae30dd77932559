#include "kernels/matmul/matmul.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace fizzy::reference {

// The sums of a row are computed together: the innermost loop is contiguous, which saves time in tests. Each sum adds its products in
// ascending order, as one computed alone would.
void matmul(int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale, const float* a, const float* b, float* y) {
  std::vector<double> sums(n);
  std::vector<float> turned(transpose_b ? static_cast<size_t>(k) * n : 0);
  for (int i = 0; i < batch; i++) {
    const float* left = a + static_cast<size_t>(i) * m * k;
    const float* right = b + static_cast<size_t>(i) * k * n;
    if (transpose_b) {
      for (int c = 0; c < n; c++)
        for (int l = 0; l < k; l++) turned[static_cast<size_t>(l) * n + c] = right[static_cast<size_t>(c) * k + l];
      right = turned.data();
    }
    for (int r = 0; r < m; r++) {
      std::fill(sums.begin(), sums.end(), 0.);
      for (int l = 0; l < k; l++) {
        double factor = left[transpose_a ? static_cast<size_t>(l) * m + r : static_cast<size_t>(r) * k + l];
        const float* row = right + static_cast<size_t>(l) * n;
        for (int c = 0; c < n; c++) sums[c] += factor * row[c];
      }
      for (int c = 0; c < n; c++) y[(static_cast<size_t>(i) * m + r) * n + c] = static_cast<float>(scale * sums[c]);
    }
  }
}

}  // namespace fizzy::reference
