#include "kernels/fold_batch_norm/fold_batch_norm.h"

#include <cmath>

namespace fizzy::reference {

// The norm's output for x in channel i.
static double normalized(const Backend::FoldedNorm& n, int64_t i, double x, float eps) {
  return n.gamma ? n.gamma[i] * (x - n.mean[i]) / std::sqrt(static_cast<double>(n.variance[i]) + eps) + n.beta[i] : x;
}

// Derived from the function that the folded layer must compute: its output for zero input, and the change that each unit input causes.
void fold_batch_norm(const Backend::FoldBatchNorm& o) {
  for (int64_t i = 0; i < o.n; i++) {
    double at_zero = o.bias ? o.bias[i] : 0;
    for (int64_t k = 0; k < o.c * o.s; k++) at_zero += o.w[i * o.c * o.s + k] * normalized(o.before, k / o.s, 0, o.eps);
    o.shift[i] = static_cast<float>(normalized(o.after, i, at_zero, o.eps));
    double slope = normalized(o.after, i, 1, o.eps) - normalized(o.after, i, 0, o.eps);
    for (int64_t k = 0; k < o.c * o.s; k++) {
      double before = normalized(o.before, k / o.s, 1, o.eps) - normalized(o.before, k / o.s, 0, o.eps);
      o.weights[i * o.c * o.s + k] = static_cast<float>(slope * o.w[i * o.c * o.s + k] * before);
    }
  }
}

}  // namespace fizzy::reference
