#include <vector>

#include "common/bf16.h"
#include "kernels/prelu/prelu.h"

namespace fizzy::reference {

void prelu(int type, const void* x, const float* slope, void* y, int64_t rows, int c) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < rows * c; i++) {
      double v = to_float(static_cast<const T*>(x)[i]);
      static_cast<T*>(y)[i] = from_float<T>(static_cast<float>(v > 0 ? v : v * slope[i % c]));
    }
  });
}

void prelu_backward(int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c, void*) {
  std::vector<double> sums(c);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < rows * c; i++) {
      double v = to_float(static_cast<const T*>(x)[i]), d = to_float(static_cast<const T*>(dy)[i]);
      if (!(v > 0)) sums[i % c] += v * d;
      if (dx) static_cast<T*>(dx)[i] = from_float<T>(static_cast<float>(v > 0 ? d : d * slope[i % c]));
    }
  });
  for (int i = 0; dslope && i < c; i++) dslope[i] = static_cast<float>(sums[i]);
}

}  // namespace fizzy::reference
