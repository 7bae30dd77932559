#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/column_sum/column_sum.h"

namespace fizzy {

size_t column_sum_scratch(int64_t rows, int64_t columns) { return sizeof(float) * column_sum_chunks(rows) * columns; }

void column_sum(int type, const void* x, float* y, void* scratch, int64_t rows, int64_t columns) {
  check(rows > 0 && columns > 0, "column_sum: ", rows, " rows of ", columns);
  FIZZY_SELECT(column_sum)(type, x, y, static_cast<float*>(scratch), rows, columns);
}

}  // namespace fizzy
