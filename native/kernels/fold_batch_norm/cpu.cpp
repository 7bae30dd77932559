// Runs once per model, one output row at a time.
#include <cmath>

#include "common/parallel.h"
#include "kernels/fold_batch_norm/fold_batch_norm.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// In channel i a norm maps x to scale x + offset.
struct Affine {
  double scale = 1, offset = 0;
  Affine(const Backend::FoldedNorm& n, int64_t i, float eps) {
    if (n.gamma == nullptr) return;
    scale = n.gamma[i] / std::sqrt(static_cast<double>(n.variance[i]) + eps);
    offset = n.beta[i] - scale * n.mean[i];
  }
};

}  // namespace

void fold_batch_norm(const Backend::FoldBatchNorm& o) {
  parallel_for(o.n, [&](int64_t i) {
    Affine after(o.after, i, o.eps);
    double sum = o.bias ? o.bias[i] : 0;
    for (int64_t j = 0; j < o.c; j++) {
      Affine before(o.before, j, o.eps);
      for (int64_t k = (i * o.c + j) * o.s; k < (i * o.c + j + 1) * o.s; k++) {
        sum += o.w[k] * before.offset;
        o.weights[k] = static_cast<float>(after.scale * o.w[k] * before.scale);
      }
    }
    o.shift[i] = static_cast<float>(after.scale * sum + after.offset);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
