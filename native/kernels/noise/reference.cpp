#include "kernels/noise/noise.h"

#include "common/normal.h"
#include "common/philox.h"

namespace fizzy::reference {

void noise(const Backend::Noise& o) {
  for (int64_t b = 0; b < o.batch; b++) {
    RandomRow row = random_row(o.rows, o.random, o.purpose, b);
    for (int64_t i = 0; i < o.n; i++) {
      uint32_t words[4];
      float normals[4];
      row.block(static_cast<uint32_t>(i / 4), words);
      normals_of(words, normals);
      o.y[b * o.n + i] = normals[i % 4];
    }
  }
}

}  // namespace fizzy::reference
