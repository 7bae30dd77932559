// Bound by memory: one thread computes a row.
#include "kernels/unscale/unscale.h"

#include <algorithm>

#include "common/parallel.h"

namespace fizzy::FIZZY_LEVEL {

void unscale(const Backend::Unscale& o) {
  parallel_for(o.batch, [&](int64_t b) {
    const float* x = o.x + b * o.n;
    float* y = o.y + b * o.n;
    uint32_t largest = 0;
    for (int64_t i = 0; i < o.n; i++) {
      y[i] = unscaled(x[i], o.scale);
      largest = std::max(largest, magnitude_key(x[i]));
    }
    o.extreme[b] = of_magnitude_key(largest);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
