#include <cstring>

#include "common/parallel.h"
#include "kernels/concat/concat.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Calls body(row) for every row; tasks move about GRAIN bytes each.
template <typename Body>
void over_rows(int64_t rows, int64_t row_bytes, Body body) {
  constexpr int64_t GRAIN = 1 << 16;  // bytes per task
  parallel_chunks(rows, GRAIN / row_bytes + 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) body(r);
  });
}

}  // namespace

void concat(const Backend::Concat& o) {
  int64_t bytes = o.type == 0 ? 4 : 2, left = o.a_columns * bytes, right = o.b_columns * bytes;
  over_rows(o.rows, left + right, [&](int64_t r) {
    char* to = static_cast<char*>(o.y) + r * (left + right);
    if (o.a) std::memcpy(to, static_cast<const char*>(o.a) + r * left, left);
    else std::memset(to, 0, left);
    if (o.b) std::memcpy(to + left, static_cast<const char*>(o.b) + r * right, right);
    else std::memset(to + left, 0, right);
  });
}

void split(const Backend::Split& o) {
  int64_t bytes = o.type == 0 ? 4 : 2, left = o.a_columns * bytes, right = o.b_columns * bytes;
  over_rows(o.rows, left + right, [&](int64_t r) {
    const char* from = static_cast<const char*>(o.x) + r * (left + right);
    if (o.a) std::memcpy(static_cast<char*>(o.a) + r * left, from, left);
    if (o.b) std::memcpy(static_cast<char*>(o.b) + r * right, from + left, right);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
