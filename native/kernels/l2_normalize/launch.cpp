#include "kernels/l2_normalize/l2_normalize.h"

#include "common/check.h"
#include "fizzy/kernels.h"

namespace fizzy {

void l2_normalize(const float* x, float* y, float* norm, int64_t rows, int c) {
  check(rows > 0 && c > 0, "l2_normalize: ", rows, " rows of ", c);
  FIZZY_SELECT(l2_normalize)(x, y, norm, rows, c);
}

void l2_normalize_backward(const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c) {
  check(rows > 0 && c > 0, "l2_normalize_backward: ", rows, " rows of ", c);
  FIZZY_SELECT(l2_normalize_backward)(y, norm, dy, dx, rows, c);
}

}  // namespace fizzy
