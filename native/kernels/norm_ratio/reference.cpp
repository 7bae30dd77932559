#include <cmath>

#include "kernels/norm_ratio/norm_ratio.h"

namespace fizzy::reference {

void norm_ratio(const Backend::NormRatio& o) {
  double a = 0, b = 0;
  for (int64_t i = 0; i < o.n; i++) {
    a += double{o.a[i]} * o.a[i];
    b += double{o.b[i]} * o.b[i];
  }
  *o.y = norm_ratio_of(a, b, o.weight);
}

}  // namespace fizzy::reference
