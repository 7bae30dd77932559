#include "kernels/fill/fill.h"

namespace fizzy::reference {

void fill(const Backend::Fill& o) {
  for (int64_t i = 0; i < o.n; i++) o.y[i] = o.value;
}

}  // namespace fizzy::reference
