#include "common/bf16.h"
#include "kernels/cast/cast.h"

namespace fizzy::reference {

void cast(const Backend::Cast& o) {
  by_type(o.from, [&](auto f) {
    by_type(o.to, [&](auto t) {
      for (int64_t i = 0; i < o.n; i++)
        static_cast<decltype(t)*>(o.y)[i] = from_float<decltype(t)>(to_float(static_cast<const decltype(f)*>(o.x)[i]));
    });
  });
}

}  // namespace fizzy::reference
