#include "common/bf16.h"
#include "kernels/add/add.h"

namespace fizzy::reference {

void add(int type, const void* a, const void* b, void* y, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < n; i++)
      static_cast<T*>(y)[i] = from_float<T>(double(to_float(static_cast<const T*>(a)[i])) + to_float(static_cast<const T*>(b)[i]));
  });
}

void fill_value(float* y, float value, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = value;
}

}  // namespace fizzy::reference
