#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/broadcast/broadcast.h"

namespace fizzy {

void broadcast(int type, const float* x, void* y, int rows, int columns) {
  check(rows >= 0 && columns >= 0, "broadcast: ", rows, " rows, ", columns, " columns");
  FIZZY_SELECT(broadcast)(type, x, y, rows, columns);
}

}  // namespace fizzy
