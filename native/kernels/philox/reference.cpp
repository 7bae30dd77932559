#include "kernels/philox/philox.h"

#include "common/philox.h"

namespace fizzy::reference {

void philox(const int* key, const int* counters, int* words, int64_t n) {
  uint32_t k[2] = {static_cast<uint32_t>(key[0]), static_cast<uint32_t>(key[1])};
  for (int64_t i = 0; i < n; i++) {
    uint32_t counter[4], out[4];
    for (int w = 0; w < 4; w++) counter[w] = static_cast<uint32_t>(counters[4 * i + w]);
    philox_block(k, counter, out);
    for (int w = 0; w < 4; w++) words[4 * i + w] = static_cast<int>(out[w]);
  }
}

}  // namespace fizzy::reference
