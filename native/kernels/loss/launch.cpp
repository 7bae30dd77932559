#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/loss/loss.h"

namespace fizzy {

int64_t loss_scratch(int64_t n) { return (n + LOSS_CHUNK - 1) / LOSS_CHUNK * int64_t{sizeof(double)}; }

void loss(int type, int target_type, int kind, const void* prediction, const void* target, float* loss, int64_t n, void* scratch) {
  check(n > 0 && (kind == MSE || kind == L1), "loss: kind ", kind, ", n ", n);
  FIZZY_SELECT(loss)(type, target_type, kind, prediction, target, loss, n, scratch);
}

void loss_backward(int type, int target_type, int kind, const void* prediction, const void* target, const float* dloss, void* dprediction,
                   int64_t n) {
  check(n > 0 && (kind == MSE || kind == L1), "loss_backward: kind ", kind, ", n ", n);
  FIZZY_SELECT(loss_backward)(type, target_type, kind, prediction, target, dloss, dprediction, n);
}

}  // namespace fizzy
