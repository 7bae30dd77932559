#include "kernels/weighted_sum/weighted_sum.h"

namespace fizzy::FIZZY_LEVEL {

void weighted_sum(const Backend::WeightedSum& o) {
  double total = 0;
  for (int i = 0; i < o.count; i++) total += double{o.weights[i]} * *o.scalars[i];
  *o.y = static_cast<float>(total);
}

}  // namespace fizzy::FIZZY_LEVEL
