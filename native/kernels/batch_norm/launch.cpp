#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/batch_norm/batch_norm.h"

namespace fizzy {

static void check_shape(const char* kernel, const BatchNorm& n) {
  check(n.rows > 0 && n.c > 0, kernel, ": ", n.rows, " rows of ", n.c, " channels");
  check(n.slope == nullptr || n.residual == nullptr, kernel, ": either PReLU or a residual follows, not both");
}

int64_t batch_norm_scratch(int64_t rows, int c) { return BatchNorm::scratch_floats(rows, c) * int64_t{sizeof(float)}; }

void batch_norm(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y, float* mean,
                float* rstd, float* running_mean, float* running_variance, int64_t rows, int c, float eps, float momentum, void* scratch) {
  BatchNorm n{type, x, gamma, beta, slope, residual, mean, rstd, rows, c, scratch};
  check_shape("batch_norm", n);
  check(rows > 1, "batch_norm: one row has no variance; training takes at least two");
  FIZZY_SELECT(batch_norm)(n, y, running_mean, running_variance, eps, momentum);
}

void batch_norm_inference(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y,
                          float* mean, float* rstd, const float* running_mean, const float* running_variance, int64_t rows, int c, float eps,
                          void* scratch) {
  BatchNorm n{type, x, gamma, beta, slope, residual, mean, rstd, rows, c, scratch};
  check_shape("batch_norm_inference", n);
  FIZZY_SELECT(batch_norm_inference)(n, y, running_mean, running_variance, eps);
}

void batch_norm_backward(int type, const void* x, const float* gamma, const float* beta, const float* slope, float* mean, float* rstd,
                         const void* dy, void* dx, float* dgamma, float* dbeta, float* dslope, int64_t rows, int c, void* scratch) {
  BatchNorm n{type, x, gamma, beta, slope, nullptr, mean, rstd, rows, c, scratch};
  check_shape("batch_norm_backward", n);
  FIZZY_SELECT(batch_norm_backward)(n, dy, dx, dgamma, dbeta, slope == nullptr ? nullptr : dslope);
}

}  // namespace fizzy
