// Runs once a model, so one implementation serves every level: double, output row by output row.
#include <cmath>

#include "common/check.h"
#include "common/parallel.h"
#include "fizzy/kernels.h"

namespace fizzy {

void fold_batch_norm(const float* w, const float* bias, const float* before_gamma, const float* before_beta, const float* before_mean,
                     const float* before_variance, const float* after_gamma, const float* after_beta, const float* after_mean,
                     const float* after_variance, float* weights, float* shift, int64_t n, int64_t c, int64_t s, float eps) {
  check(n > 0 && c > 0 && s > 0, "fold_batch_norm: weights [", n, ",", c, ",", s, "]");
  parallel_for(n, [&](int64_t i) {
    double scale = 1, offset = 0, sum = bias ? bias[i] : 0;
    if (after_gamma) {
      scale = after_gamma[i] / std::sqrt(static_cast<double>(after_variance[i]) + eps);
      offset = after_beta[i] - scale * after_mean[i];
    }
    for (int64_t j = 0; j < c; j++) {
      double a = 1, b = 0;
      if (before_gamma) {
        a = before_gamma[j] / std::sqrt(static_cast<double>(before_variance[j]) + eps);
        b = before_beta[j] - a * before_mean[j];
      }
      for (int64_t k = (i * c + j) * s; k < (i * c + j + 1) * s; k++) {
        sum += w[k] * b;
        weights[k] = static_cast<float>(scale * w[k] * a);
      }
    }
    shift[i] = static_cast<float>(scale * sum + offset);
  });
}

}  // namespace fizzy
