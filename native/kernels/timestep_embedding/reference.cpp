#include <cmath>

#include "common/bf16.h"
#include "kernels/timestep_embedding/timestep_embedding.h"

namespace fizzy::reference {

void timestep_embedding(const Backend::TimestepEmbedding& o) {
  by_type(o.type, [&](auto kind) {
    using T = decltype(kind);
    int half = o.width / 2;
    for (int b = 0; b < o.batch; b++)
      for (int i = 0; i < half; i++) {
        double angle = o.t[b] * std::pow(10000., -static_cast<double>(i) / half);
        T* row = static_cast<T*>(o.y) + static_cast<int64_t>(b) * o.width;
        row[i] = from_float<T>(static_cast<float>(std::cos(angle)));
        row[half + i] = from_float<T>(static_cast<float>(std::sin(angle)));
      }
  });
}

}  // namespace fizzy::reference
