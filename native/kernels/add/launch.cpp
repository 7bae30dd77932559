#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/add/add.h"

namespace fizzy {

void add(int type, const void* a, const void* b, void* y, int64_t n) {
  check(n >= 0, "add: n ", n);
  FIZZY_SELECT(add)(type, a, b, y, n);
}

void fill_value(float* y, float value, int64_t n) {
  check(n >= 0, "fill: n ", n);
  FIZZY_SELECT(fill_value)(y, value, n);
}

}  // namespace fizzy
