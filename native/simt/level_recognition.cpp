// As level.cpp, for the recognizer's kernels.
#include "common/check.h"
#include "common/philox.h"
#include "fizzy/cuda.h"
#include "fizzy/kernels.h"
#include "kernels/adam/adam.h"
#include "kernels/batch_norm/batch_norm.h"
#include "kernels/l2_normalize/l2_normalize.h"
#include "kernels/margin_softmax/margin_softmax.h"
#include "kernels/prelu/prelu.h"
#include "kernels/sgd/sgd.h"
#include "simt/memory.h"

namespace fizzy {
namespace {

bool at_reference() { return cpu_level() == 0; }

void fresh(void* memory, int64_t elements, int type = 0) { simt::uninitialised(memory, elements * (type == 0 ? 4 : 2)); }

}  // namespace

int64_t sgd_scratch_bytes() { return cuda::sgd_scratch_bytes(); }

void sgd(const float* settings, float* values, const float* gradients, float* velocity, float* norm, void* scratch, int64_t n) {
  if (at_reference()) {
    SgdSettings s = sgd_settings(settings);
    reference::gradient_norm(gradients, norm, nullptr, n);
    return reference::sgd(s, adam_clip(*norm, s.max_norm), values, gradients, velocity, n);
  }
  fresh(norm, 1);
  simt::uninitialised(scratch, sgd_scratch_bytes());
  cuda::sgd(settings, values, gradients, velocity, norm, scratch, n, nullptr);
}

int64_t batch_norm_scratch(int64_t rows, int c) { return cuda::batch_norm_scratch(rows, c); }

void batch_norm(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y, float* mean,
                float* rstd, float* running_mean, float* running_variance, int64_t rows, int c, float eps, float momentum, void* scratch) {
  if (at_reference())
    return reference::batch_norm({type, x, gamma, beta, slope, residual, mean, rstd, rows, c, scratch}, y, running_mean, running_variance, eps,
                                 momentum);
  fresh(y, rows * c, type);
  fresh(mean, c);
  fresh(rstd, c);
  simt::uninitialised(scratch, batch_norm_scratch(rows, c));
  cuda::batch_norm(type, x, gamma, beta, slope, residual, y, mean, rstd, running_mean, running_variance, rows, c, eps, momentum, scratch,
                   nullptr);
}

void batch_norm_inference(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y,
                          float* mean, float* rstd, const float* running_mean, const float* running_variance, int64_t rows, int c, float eps,
                          void* scratch) {
  if (at_reference())
    return reference::batch_norm_inference({type, x, gamma, beta, slope, residual, mean, rstd, rows, c, scratch}, y, running_mean,
                                           running_variance, eps);
  fresh(y, rows * c, type);
  fresh(mean, c);
  fresh(rstd, c);
  cuda::batch_norm_inference(type, x, gamma, beta, slope, residual, y, mean, rstd, running_mean, running_variance, rows, c, eps, scratch,
                             nullptr);
}

void batch_norm_backward(int type, const void* x, const float* gamma, const float* beta, const float* slope, float* mean, float* rstd,
                         const void* dy, void* dx, float* dgamma, float* dbeta, float* dslope, int64_t rows, int c, void* scratch) {
  if (at_reference())
    return reference::batch_norm_backward({type, x, gamma, beta, slope, nullptr, mean, rstd, rows, c, scratch}, dy, dx, dgamma, dbeta,
                                          slope ? dslope : nullptr);
  fresh(dx, rows * c, type);
  fresh(dgamma, c);
  fresh(dbeta, c);
  if (slope) fresh(dslope, c);
  simt::uninitialised(scratch, batch_norm_scratch(rows, c));
  cuda::batch_norm_backward(type, x, gamma, beta, slope, mean, rstd, dy, dx, dgamma, dbeta, dslope, rows, c, scratch, nullptr);
}

void fold_batch_norm(const float* w, const float* bias, const float* before_gamma, const float* before_beta, const float* before_mean,
                     const float* before_variance, const float* after_gamma, const float* after_beta, const float* after_mean,
                     const float* after_variance, float* weights, float* shift, int64_t n, int64_t c, int64_t s, float eps) {
  fresh(weights, n * c * s);
  fresh(shift, n);
  cuda::fold_batch_norm(w, bias, before_gamma, before_beta, before_mean, before_variance, after_gamma, after_beta, after_mean, after_variance,
                        weights, shift, n, c, s, eps, nullptr);
}

int64_t prelu_scratch(int64_t rows, int c) { return cuda::prelu_scratch(rows, c); }

void prelu(int type, const void* x, const float* slope, void* y, int64_t rows, int c) {
  if (at_reference()) return reference::prelu(type, x, slope, y, rows, c);
  if (y != x) fresh(y, rows * c, type);
  cuda::prelu(type, x, slope, y, rows, c, nullptr);
}

void prelu_backward(int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c, void* scratch) {
  if (at_reference()) return reference::prelu_backward(type, x, slope, dy, dx, dslope, rows, c, scratch);
  fresh(dx, rows * c, type);
  fresh(dslope, c);
  simt::uninitialised(scratch, prelu_scratch(rows, c));
  cuda::prelu_backward(type, x, slope, dy, dx, dslope, rows, c, scratch, nullptr);
}

void l2_normalize(const float* x, float* y, float* norm, int64_t rows, int c) {
  if (at_reference()) return reference::l2_normalize(x, y, norm, rows, c);
  fresh(y, rows * c);
  fresh(norm, rows);
  cuda::l2_normalize(x, y, norm, rows, c, nullptr);
}

void l2_normalize_backward(const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c) {
  if (at_reference()) return reference::l2_normalize_backward(y, norm, dy, dx, rows, c);
  fresh(dx, rows * c);
  cuda::l2_normalize_backward(y, norm, dy, dx, rows, c, nullptr);
}

void margin_elastic(const int* rows, const int* random, int purpose, float angular, float additive, float deviation, float* margins, int64_t b) {
  fresh(margins, 2 * b);
  cuda::margin_elastic(rows, random, purpose, angular, additive, deviation, margins, b, nullptr);
}

void margin_adaptive(const float* norms, float* mean, float* deviation, float margin, float h, float rate, float* margins, int64_t b) {
  fresh(margins, 2 * b);
  cuda::margin_adaptive(norms, mean, deviation, margin, h, rate, margins, b, nullptr);
}

int64_t margin_softmax_scratch(int64_t b) { return cuda::margin_softmax_scratch(b); }

void margin_softmax(const float* cosines, const int* labels, const float* margins, float scale, float* loss, float* accuracy, float* lse,
                    int64_t b, int64_t n, void* scratch) {
  if (at_reference()) {
    auto losses = static_cast<double*>(scratch), hits = losses + b;
    reference::margin_softmax({cosines, labels, margins, scale, lse, b, n}, losses, hits);
    double sum = 0, hit = 0;
    for (int64_t i = 0; i < b; i++) sum += losses[i], hit += hits[i];
    *loss = static_cast<float>(sum / b);
    *accuracy = static_cast<float>(hit / b);
    return;
  }
  fresh(lse, b);
  simt::uninitialised(scratch, margin_softmax_scratch(b));
  cuda::margin_softmax(cosines, labels, margins, scale, loss, accuracy, lse, b, n, scratch, nullptr);
  // The device can only make the loss NaN; the test wants the CPU's refusal.
  for (int64_t i = 0; i < b && *loss != *loss; i++) check(labels[i] >= 0 && labels[i] < n, "margin_softmax: label ", labels[i]);
}

void margin_softmax_backward(const float* cosines, const int* labels, const float* margins, float scale, float* lse, const float* dloss,
                             float* dcosines, int64_t b, int64_t n) {
  if (at_reference()) return reference::margin_softmax_backward({cosines, labels, margins, scale, lse, b, n}, *dloss, dcosines);
  fresh(dcosines, b * n);
  cuda::margin_softmax_backward(cosines, labels, margins, scale, lse, dloss, dcosines, b, n, nullptr);
}

}  // namespace fizzy
