#include "kernels/prelu/prelu.h"

#include "common/check.h"
#include "fizzy/kernels.h"

namespace fizzy {

int64_t prelu_scratch(int64_t rows, int c) {
  return c * (static_cast<int64_t>(sizeof(double)) + prelu_chunks(rows, c) * static_cast<int64_t>(sizeof(float)));
}

void prelu(int type, const void* x, const float* slope, void* y, int64_t rows, int c) {
  check(rows > 0 && c > 0, "prelu: ", rows, " rows of ", c, " channels");
  FIZZY_SELECT(prelu)(type, x, slope, y, rows, c);
}

void prelu_backward(int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c, void* scratch) {
  check(rows > 0 && c > 0, "prelu_backward: ", rows, " rows of ", c, " channels");
  FIZZY_SELECT(prelu_backward)(type, x, slope, dy, dx, dslope, rows, c, scratch);
}

}  // namespace fizzy
