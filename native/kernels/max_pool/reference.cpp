#include <algorithm>
#include <cmath>
#include <vector>

#include "common/bf16.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::reference {
namespace {

// Calls body(index in y, index in x of the first largest pixel) for every window.
template <typename T, typename Body>
void each_window(const Backend::MaxPool& o, Body body) {
  for (int64_t i = 0; i < o.b; i++)
    for (int64_t row = 0; row < o.oh; row++)
      for (int64_t column = 0; column < o.ow; column++)
        for (int channel = 0; channel < o.c; channel++) {
          int64_t top = row * o.stride - o.top, left = column * o.stride - o.left, largest = -1;
          for (int64_t p = std::max<int64_t>(0, top); p < std::min<int64_t>(o.h, top + o.k); p++)
            for (int64_t q = std::max<int64_t>(0, left); q < std::min<int64_t>(o.w, left + o.k); q++) {
              int64_t at = ((i * o.h + p) * o.w + q) * o.c + channel;
              auto x = static_cast<const T*>(o.x);
              if (largest < 0 || to_float(x[at]) > to_float(x[largest])) largest = at;
            }
          body(((i * o.oh + row) * o.ow + column) * o.c + channel, largest);
        }
}

}  // namespace

void max_pool(const Backend::MaxPool& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    each_window<T>(o, [&](int64_t y, int64_t x) { static_cast<T*>(o.y)[y] = static_cast<const T*>(o.x)[x]; });
  });
}

void max_pool_backward(const Backend::MaxPoolBackward& call) {
  const auto& o = call.forward;
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    std::vector<double> sums(int64_t{o.b} * o.h * o.w * o.c);
    each_window<T>(o, [&](int64_t y, int64_t x) { sums[x] += to_float(static_cast<const T*>(call.dy)[y]); });
    for (size_t i = 0; i < sums.size(); i++) static_cast<T*>(call.dx)[i] = from_float<T>(static_cast<float>(sums[i]));
  });
}

}  // namespace fizzy::reference
