// The batch twice, one copy after the other. One implementation serves all levels.
#include <cstring>

#include "common/check.h"
#include "common/parallel.h"
#include "fizzy/kernels.h"

namespace fizzy {

void duplicate(const void* x, void* y, int64_t bytes) {
  check(bytes >= 0, "duplicate: ", bytes, " bytes");
  auto from = static_cast<const char*>(x);
  auto to = static_cast<char*>(y);
  parallel_chunks(bytes, 1 << 16, [&](int64_t begin, int64_t end) {
    std::memcpy(to + begin, from + begin, end - begin);
    std::memcpy(to + bytes + begin, from + begin, end - begin);
  });
}

}  // namespace fizzy
