// y[c] = sum over rows of x[r][c]: the gradient of a bias. Rows are summed in chunks that depend on the shape alone, so that the result
// does not depend on the number of threads; scratch holds the sum of each chunk.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

constexpr int64_t COLUMN_SUM_ROWS = 128;  // per chunk
inline int64_t column_sum_chunks(int64_t rows) { return (rows + COLUMN_SUM_ROWS - 1) / COLUMN_SUM_ROWS; }

inline void validate(const Backend::ColumnSum& o) { check(o.rows > 0 && o.columns > 0, "column_sum: ", o.rows, " rows of ", o.columns); }

template <typename Mark>
void outputs(const Backend::ColumnSum& o, Mark mark) {
  mark(o.y, o.columns);
}

namespace cpu {
inline int64_t scratch_bytes(const Backend::ColumnSum& o) { return column_sum_chunks(o.rows) * o.columns * int64_t{sizeof(float)}; }
}  // namespace cpu

}  // namespace fizzy
