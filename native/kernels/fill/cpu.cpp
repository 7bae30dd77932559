#include "common/parallel.h"
#include "kernels/fill/fill.h"

namespace fizzy::FIZZY_LEVEL {

void fill(const Backend::Fill& o) {
  parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) o.y[i] = o.value;
  });
}

}  // namespace fizzy::FIZZY_LEVEL
