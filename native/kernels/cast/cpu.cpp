#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/cast/cast.h"

namespace fizzy::FIZZY_LEVEL {

void cast(int from, int to, const void* x, void* y, int64_t n) {
  by_type(from, [&](auto f) {
    by_type(to, [&](auto t) {
      auto in = static_cast<const decltype(f)*>(x);
      auto out = static_cast<decltype(t)*>(y);
      parallel_chunks(n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + LANES <= end; i += LANES) store(out + i, load(in + i));
        if (i < end) store_part(out + i, load_part(in + i, end - i), end - i);
      });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
