#include "kernels/q_sample/q_sample.h"

#include "common/philox.h"
#include "fizzy/kernels.h"

namespace fizzy {

void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n) {
  check_random("q_sample", purpose, random[2], batch, n);
  FIZZY_SELECT(q_sample)(type, velocity, x0, alpha, sigma, rows, random, purpose, xt, target, batch, n);
}

}  // namespace fizzy
