#include "common/bf16.h"
#include "kernels/column_sum/column_sum.h"

namespace fizzy::reference {

void column_sum(int type, const void* x, float* y, float*, int64_t rows, int64_t columns) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t c = 0; c < columns; c++) {
      double sum = 0;
      for (int64_t r = 0; r < rows; r++) sum += to_float(static_cast<const T*>(x)[r * columns + c]);
      y[c] = static_cast<float>(sum);
    }
  });
}

}  // namespace fizzy::reference
