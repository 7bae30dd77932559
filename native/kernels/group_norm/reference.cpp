#include <cmath>
#include <vector>

#include "common/bf16.h"
#include "kernels/group_norm/group_norm.h"

namespace fizzy::reference {

template <typename T>
static double scale_of(const Backend::GroupNorm& n, int64_t b, int64_t c) {
  return n.scale ? at<T>(n.scale, scale_row(n, b) + c) : 0;
}

template <typename T>
static double shift_of(const Backend::GroupNorm& n, int64_t b, int64_t c) {
  return n.shift ? at<T>(n.shift, scale_row(n, b) + c) : 0;
}

void group_norm(const Backend::GroupNorm& n) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    int64_t width = n.c / n.g;
    for (int64_t b = 0; b < n.b; b++)
      for (int64_t g = 0; g < n.g; g++) {
        double sum = 0, squares = 0, count = double(n.p) * width;
        auto each = [&](auto body) {
          for (int64_t p = 0; p < n.p; p++)
            for (int64_t c = g * width; c < (g + 1) * width; c++) body((b * n.p + p) * n.c + c, c);
        };
        each([&](int64_t i, int64_t) { sum += at<T>(n.x, i); });
        double mean = sum / count;
        each([&](int64_t i, int64_t) { squares += (at<T>(n.x, i) - mean) * (at<T>(n.x, i) - mean); });
        double rstd = 1 / std::sqrt(squares / count + n.eps);
        n.mean[b * n.g + g] = mean;
        n.rstd[b * n.g + g] = rstd;
        each([&](int64_t i, int64_t c) {
          double u = (1 + scale_of<T>(n, b, c)) * (n.gamma[c] * (at<T>(n.x, i) - mean) * rstd + n.beta[c]) + shift_of<T>(n, b, c);
          static_cast<T*>(n.y)[i] = from_float<T>(n.silu ? u / (1 + std::exp(-u)) : u);
        });
      }
  });
}

void group_norm_backward(const Backend::GroupNormBackward& o) {
  const Backend::GroupNorm& n = o.forward;
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    int64_t width = n.c / n.g;
    std::vector<double> gamma_sum(n.c), beta_sum(n.c), scale_sum(int64_t{n.scale_rows} * n.c), shift_sum(int64_t{n.scale_rows} * n.c);
    for (int64_t b = 0; b < n.b; b++)
      for (int64_t g = 0; g < n.g; g++) {
        double mean = n.mean[b * n.g + g], rstd = n.rstd[b * n.g + g], count = double(n.p) * width, m1 = 0, m2 = 0;
        auto each = [&](auto body) {
          for (int64_t p = 0; p < n.p; p++)
            for (int64_t c = g * width; c < (g + 1) * width; c++) {
              int64_t i = (b * n.p + p) * n.c + c;
              double hat = (at<T>(n.x, i) - mean) * rstd, normal = n.gamma[c] * hat + n.beta[c], factor = 1 + scale_of<T>(n, b, c);
              double u = factor * normal + shift_of<T>(n, b, c), s = 1 / (1 + std::exp(-u));
              double du = at<T>(o.dy, i) * (n.silu ? s * (1 + u * (1 - s)) : 1);
              body(i, c, hat, normal, du, du * factor);
            }
        };
        each([&](int64_t, int64_t c, double hat, double normal, double du, double dn) {
          m1 += dn * n.gamma[c] / count;
          m2 += dn * n.gamma[c] * hat / count;
          gamma_sum[c] += dn * hat;
          beta_sum[c] += dn;
          if (n.scale) {
            scale_sum[scale_row(n, b) + c] += du * normal;
            shift_sum[scale_row(n, b) + c] += du;
          }
        });
        if (o.dx)
          each([&](int64_t i, int64_t c, double hat, double, double, double dn) {
            static_cast<T*>(o.dx)[i] = from_float<T>(rstd * (dn * n.gamma[c] - m1 - hat * m2));
          });
      }
    for (int64_t c = 0; c < n.c; c++) {
      if (o.dgamma) o.dgamma[c] = gamma_sum[c];
      if (o.dbeta) o.dbeta[c] = beta_sum[c];
    }
    for (int64_t i = 0; n.scale && i < int64_t{n.scale_rows} * n.c; i++) {
      if (o.dscale) static_cast<T*>(o.dscale)[i] = from_float<T>(scale_sum[i]);
      if (o.dshift) static_cast<T*>(o.dshift)[i] = from_float<T>(shift_sum[i]);
    }
  });
}

}  // namespace fizzy::reference
