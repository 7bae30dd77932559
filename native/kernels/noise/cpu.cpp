#include "kernels/noise/noise.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {

void noise(const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n) {
  parallel_rows(batch, n, [&](int64_t b, int64_t begin, int64_t end) {
    float* out = y + b * n;
    with_normals(random_row(rows, random, purpose, b), begin, end,
                 [&](int64_t i, vfloat noise, int count) { store_up_to(out + i, noise, count); });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
