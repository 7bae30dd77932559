#include "common/random.h"
#include "kernels/philox/philox.h"

namespace fizzy::FIZZY_LEVEL {

void philox(const int* key, const int* counters, int* words, int64_t n) {
  uint32_t k[2] = {static_cast<uint32_t>(key[0]), static_cast<uint32_t>(key[1])};
  for (int64_t i = 0; i < n; i += LANES) {
    int count = n - i < LANES ? static_cast<int>(n - i) : LANES;
    uint32_t lanes[4][LANES] = {};
    for (int l = 0; l < count; l++)
      for (int w = 0; w < 4; w++) lanes[w][l] = static_cast<uint32_t>(counters[4 * (i + l) + w]);
    vuint blocks[4];
    std::memcpy(blocks, lanes, sizeof blocks);
    philox_blocks(k, blocks);
    std::memcpy(lanes, blocks, sizeof blocks);
    for (int l = 0; l < count; l++)
      for (int w = 0; w < 4; w++) words[4 * (i + l) + w] = static_cast<int>(lanes[w][l]);
  }
}

}  // namespace fizzy::FIZZY_LEVEL
