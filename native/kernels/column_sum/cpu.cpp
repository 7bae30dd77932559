// Floor: one read of x over bandwidth.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/column_sum/column_sum.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// y[0..columns) = sum of `rows` rows; eight vectors at a time, each with its own chain of additions.
template <typename T>
void sum_rows(const T* x, float* y, int64_t rows, int64_t columns) {
  constexpr int WIDE = 8;
  int64_t c = 0;
  for (; c + WIDE * LANES <= columns; c += WIDE * LANES) {
    vfloat sums[WIDE] = {};
    for (int64_t r = 0; r < rows; r++)
      for (int v = 0; v < WIDE; v++) sums[v] += load(x + r * columns + c + v * LANES);
    for (int v = 0; v < WIDE; v++) store(y + c + v * LANES, sums[v]);
  }
  for (; c < columns; c += LANES) {
    int n = columns - c < LANES ? columns - c : LANES;
    vfloat sum = {};
    for (int64_t r = 0; r < rows; r++) sum += load_part(x + r * columns + c, n);
    store_part(y + c, sum, n);
  }
}

}  // namespace

void column_sum(const Backend::ColumnSum& o) {
  auto partial = static_cast<float*>(o.scratch);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(o.x);
    parallel_for(column_sum_chunks(o.rows), [&](int64_t chunk) {
      int64_t begin = chunk * COLUMN_SUM_ROWS;
      int64_t count = o.rows - begin < COLUMN_SUM_ROWS ? o.rows - begin : COLUMN_SUM_ROWS;
      sum_rows(in + begin * o.columns, partial + chunk * o.columns, count, o.columns);
    });
  });
  sum_rows(partial, o.y, column_sum_chunks(o.rows), o.columns);
}

}  // namespace fizzy::FIZZY_LEVEL
