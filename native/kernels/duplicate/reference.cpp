#include "kernels/duplicate/duplicate.h"

namespace fizzy::reference {

void duplicate(const Backend::Duplicate& o) {
  for (int64_t i = 0; i < 2 * o.bytes; i++) static_cast<char*>(o.y)[i] = static_cast<const char*>(o.x)[i % o.bytes];
}

}  // namespace fizzy::reference
