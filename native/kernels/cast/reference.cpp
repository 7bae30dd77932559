#include "common/bf16.h"
#include "kernels/cast/cast.h"

namespace fizzy::reference {

void cast(int from, int to, const void* x, void* y, int64_t n) {
  by_type(from, [&](auto f) {
    by_type(to, [&](auto t) {
      for (int64_t i = 0; i < n; i++) static_cast<decltype(t)*>(y)[i] = from_float<decltype(t)>(to_float(static_cast<const decltype(f)*>(x)[i]));
    });
  });
}

}  // namespace fizzy::reference
