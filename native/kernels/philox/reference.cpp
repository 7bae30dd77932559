#include "kernels/philox/philox.h"

#include "common/philox.h"

namespace fizzy::reference {

void philox(const Backend::Philox& o) {
  uint32_t k[2] = {static_cast<uint32_t>(o.key[0]), static_cast<uint32_t>(o.key[1])};
  for (int64_t i = 0; i < o.n; i++) {
    uint32_t counter[4], out[4];
    for (int w = 0; w < 4; w++) counter[w] = static_cast<uint32_t>(o.counters[4 * i + w]);
    philox_block(k, counter, out);
    for (int w = 0; w < 4; w++) o.words[4 * i + w] = static_cast<int>(out[w]);
  }
}

}  // namespace fizzy::reference
