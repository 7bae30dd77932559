#include "kernels/noise/noise.h"

#include "common/normal.h"
#include "common/philox.h"

namespace fizzy::reference {

void noise(const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n) {
  for (int64_t b = 0; b < batch; b++) {
    RandomRow row = random_row(rows, random, purpose, b);
    for (int64_t i = 0; i < n; i++) {
      uint32_t words[4];
      float normals[4];
      row.block(static_cast<uint32_t>(i / 4), words);
      normals_of(words, normals);
      y[b * n + i] = normals[i % 4];
    }
  }
}

}  // namespace fizzy::reference
