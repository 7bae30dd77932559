// A few thousand elements per step, in double, so that cos(1000) is exact to the last bit of f32: about 40 ns each, negligible beside an
// evaluation. Each frequency is computed once per call.
#include <cmath>

#include "common/bf16.h"
#include "common/parallel.h"
#include "kernels/timestep_embedding/timestep_embedding.h"

namespace fizzy::FIZZY_LEVEL {

void timestep_embedding(const Backend::TimestepEmbedding& o) {
  by_type(o.type, [&](auto kind) {
    using T = decltype(kind);
    int half = o.width / 2;
    parallel_chunks(half, 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        double frequency = std::exp(-std::log(10000.) * static_cast<double>(i) / half);
        for (int b = 0; b < o.batch; b++) {
          T* row = static_cast<T*>(o.y) + static_cast<int64_t>(b) * o.width;
          row[i] = from_float<T>(static_cast<float>(std::cos(o.t[b] * frequency)));
          row[half + i] = from_float<T>(static_cast<float>(std::sin(o.t[b] * frequency)));
        }
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
