#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/philox/philox.h"

namespace fizzy {

void philox(const int* key, const int* counters, int* words, int64_t n) {
  check(n >= 0, "philox: n ", n);
  FIZZY_SELECT(philox)(key, counters, words, n);
}

}  // namespace fizzy
