#include "kernels/noise/noise.h"

#include "common/philox.h"
#include "fizzy/kernels.h"

namespace fizzy {

void noise(const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n) {
  check_random("noise", purpose, random[2], batch, n);
  FIZZY_SELECT(noise)(rows, random, purpose, y, batch, n);
}

}  // namespace fizzy
