// y[c] = sum over rows of x[r][c], x [R, C]: the gradient of a bias. Rows are summed in chunks that the shape alone fixes, so
// that the result does not depend on the number of threads. `partial` holds column_sum_chunks(R) * C floats.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
constexpr int64_t COLUMN_SUM_ROWS = 128;  // of a chunk
inline int64_t column_sum_chunks(int64_t rows) { return (rows + COLUMN_SUM_ROWS - 1) / COLUMN_SUM_ROWS; }

FIZZY_KERNEL(column_sum, int type, const void* x, float* y, float* partial, int64_t rows, int64_t columns)
}  // namespace fizzy
