#include <cstring>

#include "common/parallel.h"
#include "kernels/duplicate/duplicate.h"

namespace fizzy::FIZZY_LEVEL {

void duplicate(const Backend::Duplicate& o) {
  auto from = static_cast<const char*>(o.x);
  auto to = static_cast<char*>(o.y);
  parallel_chunks(o.bytes, 1 << 16, [&](int64_t begin, int64_t end) {
    std::memcpy(to + begin, from + begin, end - begin);
    std::memcpy(to + o.bytes + begin, from + begin, end - begin);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
