#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/cast/cast.h"

namespace fizzy {

void cast(int from, int to, const void* x, void* y, int64_t n) {
  check((from == 0 || from == 1) && (to == 0 || to == 1) && n >= 0, "cast: type ", from, " to ", to, ", n ", n);
  FIZZY_SELECT(cast)(from, to, x, y, n);
}

}  // namespace fizzy
