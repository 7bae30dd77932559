#include "common/bf16.h"
#include "kernels/column_sum/column_sum.h"

namespace fizzy::reference {

void column_sum(const Backend::ColumnSum& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t c = 0; c < o.columns; c++) {
      double sum = 0;
      for (int64_t r = 0; r < o.rows; r++) sum += to_float(static_cast<const T*>(o.x)[r * o.columns + c]);
      o.y[c] = static_cast<float>(sum);
    }
  });
}

}  // namespace fizzy::reference
