#include <cmath>

#include "common/bf16.h"
#include "kernels/batch_norm/batch_norm.h"

namespace fizzy::reference {

template <typename T>
static void normalize(const Backend::BatchNorm& n, int c, double mean, double rstd) {
  for (int64_t i = c; i < n.rows * n.c; i += n.c) {
    double u = n.gamma[c] * (at<T>(n.x, i) - mean) * rstd + n.beta[c];
    if (n.slope && !(u > 0)) u *= n.slope[c];
    if (n.residual) u += at<T>(n.residual, i);
    static_cast<T*>(n.y)[i] = from_float<T>(static_cast<float>(u));
  }
}

void batch_norm(const Backend::BatchNorm& n) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    for (int c = 0; c < n.c; c++) {
      double mean = n.running_mean[c], variance = n.running_variance[c];
      if (n.training) {
        double sum = 0, squares = 0, momentum = n.momentum;
        for (int64_t r = 0; r < n.rows; r++) sum += at<T>(n.x, r * n.c + c);
        mean = sum / n.rows;
        for (int64_t r = 0; r < n.rows; r++) squares += std::pow(at<T>(n.x, r * n.c + c) - mean, 2);
        variance = squares / n.rows;
        n.running_mean[c] = (1 - momentum) * n.running_mean[c] + momentum * mean;
        n.running_variance[c] = (1 - momentum) * n.running_variance[c] + momentum * squares / (n.rows - 1);
      }
      double rstd = 1 / std::sqrt(variance + n.eps);
      normalize<T>(n, c, mean, rstd);
      n.mean[c] = mean;
      n.rstd[c] = rstd;
    }
  });
}

void batch_norm_backward(const Backend::BatchNormBackward& o) {
  const Backend::BatchNorm& n = o.forward;
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    for (int c = 0; c < n.c; c++) {
      double mean = n.mean[c], rstd = n.rstd[c], first = 0, second = 0, third = 0;
      auto each = [&](auto body) {
        for (int64_t i = c; i < n.rows * n.c; i += n.c) {
          double hat = (at<T>(n.x, i) - mean) * rstd, u = n.gamma[c] * hat + n.beta[c], d = at<T>(o.dy, i);
          bool negative = n.slope && !(u > 0);
          body(i, hat, negative ? d * n.slope[c] : d, negative ? d * u : 0);
        }
      };
      each([&](int64_t, double hat, double du, double slope) {
        first += du;
        second += du * hat;
        third += slope;
      });
      if (o.dgamma) o.dgamma[c] = second;
      if (o.dbeta) o.dbeta[c] = first;
      if (n.slope && o.dslope) o.dslope[c] = third;
      if (o.dx)
        each([&](int64_t i, double hat, double du, double) {
          static_cast<T*>(o.dx)[i] = from_float<T>(static_cast<float>(n.gamma[c] * rstd * (du - first / n.rows - hat * second / n.rows)));
        });
    }
  });
}

}  // namespace fizzy::reference
