#include <cmath>

#include "common/bf16.h"
#include "kernels/timestep_embedding/timestep_embedding.h"

namespace fizzy::reference {

void timestep_embedding(int type, const float* t, void* y, int batch, int width) {
  by_type(type, [&](auto kind) {
    using T = decltype(kind);
    int half = width / 2;
    for (int b = 0; b < batch; b++)
      for (int i = 0; i < half; i++) {
        double angle = t[b] * std::pow(10000., -static_cast<double>(i) / half);
        T* row = static_cast<T*>(y) + static_cast<int64_t>(b) * width;
        row[i] = from_float<T>(static_cast<float>(std::cos(angle)));
        row[half + i] = from_float<T>(static_cast<float>(std::sin(angle)));
      }
  });
}

}  // namespace fizzy::reference
