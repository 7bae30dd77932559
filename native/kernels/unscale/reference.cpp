#include "kernels/unscale/unscale.h"

#include <cmath>

namespace fizzy::reference {

void unscale(const Backend::Unscale& o) {
  for (int64_t b = 0; b < o.batch; b++) {
    float extreme = 0;
    for (int64_t i = b * o.n; i < (b + 1) * o.n; i++) {
      o.y[i] = static_cast<float>(o.x[i] / o.scale);
      bool larger = std::fabs(o.x[i]) > std::fabs(extreme) || (o.x[i] == -extreme && std::signbit(o.x[i]));
      if (!std::isnan(extreme) && (larger || std::isnan(o.x[i]))) extreme = o.x[i];
    }
    o.extreme[b] = extreme;
  }
}

}  // namespace fizzy::reference
