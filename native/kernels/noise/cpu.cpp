#include "kernels/noise/noise.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {

void noise(const Backend::Noise& o) {
  parallel_rows(o.batch, o.n, [&](int64_t b, int64_t begin, int64_t end) {
    float* out = o.y + b * o.n;
    with_normals(random_row(o.rows, o.random, o.purpose, b), begin, end,
                 [&](int64_t i, vfloat noise, int count) { store_up_to(out + i, noise, count); });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
