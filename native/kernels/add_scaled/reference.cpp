#include "common/bf16.h"
#include "kernels/add_scaled/add_scaled.h"

namespace fizzy::reference {

void add_scaled(const Backend::AddScaled& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.n; i++)
      static_cast<T*>(o.y)[i] =
          from_float<T>(to_float(static_cast<const T*>(o.a)[i]) + double{*o.scale} * to_float(static_cast<const T*>(o.b)[i]));
  });
}

}  // namespace fizzy::reference
