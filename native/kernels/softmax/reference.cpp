#include <algorithm>
#include <cmath>

#include "common/bf16.h"
#include "kernels/softmax/softmax.h"

namespace fizzy::reference {

void softmax(int type, const void* x, void* y, int64_t rows, int columns) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = 0; r < rows; r++) {
      auto in = static_cast<const T*>(x) + r * columns;
      double largest = -INFINITY, total = 0;
      for (int i = 0; i < columns; i++) largest = std::max<double>(largest, to_float(in[i]));
      for (int i = 0; i < columns; i++) total += std::exp(to_float(in[i]) - largest);
      for (int i = 0; i < columns; i++) static_cast<T*>(y)[r * columns + i] = from_float<T>(std::exp(to_float(in[i]) - largest) / total);
    }
  });
}

void softmax_backward(int type, const void* y, const void* dy, void* dx, int64_t rows, int columns) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = 0; r < rows; r++) {
      auto out = static_cast<const T*>(y) + r * columns;
      auto up = static_cast<const T*>(dy) + r * columns;
      double dot = 0;
      for (int i = 0; i < columns; i++) dot += double(to_float(out[i])) * to_float(up[i]);
      for (int i = 0; i < columns; i++) static_cast<T*>(dx)[r * columns + i] = from_float<T>(to_float(out[i]) * (to_float(up[i]) - dot));
    }
  });
}

}  // namespace fizzy::reference
