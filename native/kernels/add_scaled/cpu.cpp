#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/add_scaled/add_scaled.h"

namespace fizzy::FIZZY_LEVEL {

void add_scaled(const Backend::AddScaled& o) {
  vfloat scale = splat(*o.scale);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto left = static_cast<const T*>(o.a), right = static_cast<const T*>(o.b);
    auto out = static_cast<T*>(o.y);
    parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + LANES <= end; i += LANES) store(out + i, fma(scale, load(right + i), load(left + i)));
      if (i < end) store_part(out + i, fma(scale, load_part(right + i, end - i), load_part(left + i, end - i)), end - i);
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
