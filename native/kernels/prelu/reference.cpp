#include <vector>

#include "common/bf16.h"
#include "kernels/prelu/prelu.h"

namespace fizzy::reference {

void prelu(const Backend::PRelu& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.rows * o.c; i++) {
      double v = to_float(static_cast<const T*>(o.x)[i]);
      static_cast<T*>(o.y)[i] = from_float<T>(static_cast<float>(v > 0 ? v : v * o.slope[i % o.c]));
    }
  });
}

void prelu_backward(const Backend::PReluBackward& o) {
  std::vector<double> sums(o.c);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.rows * o.c; i++) {
      double v = to_float(static_cast<const T*>(o.x)[i]), d = to_float(static_cast<const T*>(o.dy)[i]);
      if (!(v > 0)) sums[i % o.c] += v * d;
      if (o.dx) static_cast<T*>(o.dx)[i] = from_float<T>(static_cast<float>(v > 0 ? d : d * o.slope[i % o.c]));
    }
  });
  for (int i = 0; o.dslope && i < o.c; i++) o.dslope[i] = static_cast<float>(sums[i]);
}

}  // namespace fizzy::reference
