#include <algorithm>
#include <cmath>

#include "common/bf16.h"
#include "kernels/softmax/softmax.h"

namespace fizzy::reference {

void softmax(const Backend::Softmax& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = 0; r < o.rows; r++) {
      auto in = static_cast<const T*>(o.x) + r * o.columns;
      double largest = -INFINITY, total = 0;
      for (int i = 0; i < o.columns; i++) largest = std::max<double>(largest, to_float(in[i]));
      for (int i = 0; i < o.columns; i++) total += std::exp(to_float(in[i]) - largest);
      for (int i = 0; i < o.columns; i++) static_cast<T*>(o.y)[r * o.columns + i] = from_float<T>(std::exp(to_float(in[i]) - largest) / total);
    }
  });
}

void softmax_backward(const Backend::SoftmaxBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = 0; r < o.rows; r++) {
      auto out = static_cast<const T*>(o.y) + r * o.columns;
      auto up = static_cast<const T*>(o.dy) + r * o.columns;
      double dot = 0;
      for (int i = 0; i < o.columns; i++) dot += double(to_float(out[i])) * to_float(up[i]);
      for (int i = 0; i < o.columns; i++) static_cast<T*>(o.dx)[r * o.columns + i] = from_float<T>(to_float(out[i]) * (to_float(up[i]) - dot));
    }
  });
}

}  // namespace fizzy::reference
