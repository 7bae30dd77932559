#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/cast/cast.h"

namespace fizzy::FIZZY_LEVEL {

void cast(const Backend::Cast& o) {
  by_type(o.from, [&](auto f) {
    by_type(o.to, [&](auto t) {
      auto in = static_cast<const decltype(f)*>(o.x);
      auto out = static_cast<decltype(t)*>(o.y);
      parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + LANES <= end; i += LANES) store(out + i, load(in + i));
        if (i < end) store_part(out + i, load_part(in + i, end - i), end - i);
      });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
