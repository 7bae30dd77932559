// The sum of a few weighted scalars, in double. One implementation serves all levels.
#include "common/check.h"
#include "fizzy/kernels.h"

namespace fizzy {

void weighted_sum(const float* const* scalars, const float* weights, float* y, int count) {
  check(count > 0, "weighted_sum: ", count, " scalars");
  double total = 0;
  for (int i = 0; i < count; i++) total += double(weights[i]) * *scalars[i];
  *y = total;
}

}  // namespace fizzy
