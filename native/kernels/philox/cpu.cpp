#include "common/random.h"
#include "kernels/philox/philox.h"

namespace fizzy::FIZZY_LEVEL {

void philox(const Backend::Philox& o) {
  uint32_t k[2] = {static_cast<uint32_t>(o.key[0]), static_cast<uint32_t>(o.key[1])};
  for (int64_t i = 0; i < o.n; i += LANES) {
    int count = o.n - i < LANES ? static_cast<int>(o.n - i) : LANES;
    uint32_t lanes[4][LANES] = {};
    for (int l = 0; l < count; l++)
      for (int w = 0; w < 4; w++) lanes[w][l] = static_cast<uint32_t>(o.counters[4 * (i + l) + w]);
    vuint blocks[4];
    std::memcpy(blocks, lanes, sizeof blocks);
    philox_blocks(k, blocks);
    std::memcpy(lanes, blocks, sizeof blocks);
    for (int l = 0; l < count; l++)
      for (int w = 0; w < 4; w++) o.words[4 * (i + l) + w] = static_cast<int>(lanes[w][l]);
  }
}

}  // namespace fizzy::FIZZY_LEVEL
