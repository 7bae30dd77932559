#include "kernels/concat/concat.h"

#include "common/bf16.h"

namespace fizzy::reference {

void concat(const Backend::Concat& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    int columns = o.a_columns + o.b_columns;
    for (int64_t r = 0; r < o.rows; r++)
      for (int c = 0; c < columns; c++) {
        auto part = static_cast<const T*>(c < o.a_columns ? o.a : o.b);
        int64_t at = c < o.a_columns ? r * o.a_columns + c : r * o.b_columns + c - o.a_columns;
        static_cast<T*>(o.y)[r * columns + c] = part ? part[at] : T{};
      }
  });
}

void split(const Backend::Split& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    int columns = o.a_columns + o.b_columns;
    for (int64_t r = 0; r < o.rows; r++)
      for (int c = 0; c < columns; c++) {
        auto part = static_cast<T*>(c < o.a_columns ? o.a : o.b);
        int64_t at = c < o.a_columns ? r * o.a_columns + c : r * o.b_columns + c - o.a_columns;
        if (part) part[at] = static_cast<const T*>(o.x)[r * columns + c];
      }
  });
}

}  // namespace fizzy::reference
