#include <cmath>

#include "common/bf16.h"
#include "kernels/batch_norm/batch_norm.h"

namespace fizzy::reference {

template <typename T>
static void normalise(const BatchNorm& n, void* y, int c, double mean, double rstd) {
  for (int64_t i = c; i < n.rows * n.c; i += n.c) {
    double u = n.gamma[c] * (at<T>(n.x, i) - mean) * rstd + n.beta[c];
    if (n.slope && !(u > 0)) u *= n.slope[c];
    if (n.residual) u += at<T>(n.residual, i);
    static_cast<T*>(y)[i] = from_float<T>(static_cast<float>(u));
  }
}

void batch_norm(const BatchNorm& n, void* y, float* running_mean, float* running_variance, float eps, float momentum) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    for (int c = 0; c < n.c; c++) {
      double sum = 0, squares = 0;
      for (int64_t r = 0; r < n.rows; r++) sum += at<T>(n.x, r * n.c + c);
      double mean = sum / n.rows;
      for (int64_t r = 0; r < n.rows; r++) squares += std::pow(at<T>(n.x, r * n.c + c) - mean, 2);
      double rstd = 1 / std::sqrt(squares / n.rows + eps);
      running_mean[c] = (1 - static_cast<double>(momentum)) * running_mean[c] + momentum * mean;
      running_variance[c] = (1 - static_cast<double>(momentum)) * running_variance[c] + momentum * squares / (n.rows - 1);
      normalise<T>(n, y, c, mean, rstd);
      n.mean[c] = mean;
      n.rstd[c] = rstd;
    }
  });
}

void batch_norm_inference(const BatchNorm& n, void* y, const float* running_mean, const float* running_variance, float eps) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    for (int c = 0; c < n.c; c++) {
      n.mean[c] = running_mean[c];
      double rstd = 1 / std::sqrt(static_cast<double>(running_variance[c]) + eps);
      n.rstd[c] = rstd;
      normalise<T>(n, y, c, running_mean[c], rstd);
    }
  });
}

void batch_norm_backward(const BatchNorm& n, const void* dy, void* dx, float* dgamma, float* dbeta, float* dslope) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    for (int c = 0; c < n.c; c++) {
      double mean = n.mean[c], rstd = n.rstd[c], first = 0, second = 0, third = 0;
      auto each = [&](auto body) {
        for (int64_t i = c; i < n.rows * n.c; i += n.c) {
          double hat = (at<T>(n.x, i) - mean) * rstd, u = n.gamma[c] * hat + n.beta[c], d = at<T>(dy, i);
          bool negative = n.slope && !(u > 0);
          body(i, hat, negative ? d * n.slope[c] : d, negative ? d * u : 0);
        }
      };
      each([&](int64_t, double hat, double du, double dslope) {
        first += du;
        second += du * hat;
        third += dslope;
      });
      if (dgamma) dgamma[c] = second;
      if (dbeta) dbeta[c] = first;
      if (dslope) dslope[c] = third;
      if (dx)
        each([&](int64_t i, double hat, double du, double) {
          static_cast<T*>(dx)[i] = from_float<T>(static_cast<float>(n.gamma[c] * rstd * (du - first / n.rows - hat * second / n.rows)));
        });
    }
  });
}

}  // namespace fizzy::reference
