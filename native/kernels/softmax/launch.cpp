#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/softmax/softmax.h"

namespace fizzy {

void softmax(int type, const void* x, void* y, int64_t rows, int columns) {
  check(rows >= 0 && columns > 0, "softmax: [", rows, ",", columns, "]");
  FIZZY_SELECT(softmax)(type, x, y, rows, columns);
}

void softmax_backward(int type, const void* y, const void* dy, void* dx, int64_t rows, int columns) {
  check(rows >= 0 && columns > 0, "softmax_backward: [", rows, ",", columns, "]");
  FIZZY_SELECT(softmax_backward)(type, y, dy, dx, rows, columns);
}

}  // namespace fizzy
