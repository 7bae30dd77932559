#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/add/add.h"

namespace fizzy::FIZZY_LEVEL {

void add(const Backend::Add& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto left = static_cast<const T*>(o.a), right = static_cast<const T*>(o.b);
    auto out = static_cast<T*>(o.y);
    parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, load(left + i) + load(right + i));
      if (i < end) store_part(out + i, load_part(left + i, end - i) + load_part(right + i, end - i), end - i);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
