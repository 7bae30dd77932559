// Windows overlap, so x is read from memory once and from the caches after that. Floor: one read of x and one write of y. If the channels
// do not fill a vector, the extra lanes are stored into the next pixel, which is written afterwards.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The maximum of rows x columns vectors, of each of which `part` lanes are read.
template <typename T>
vfloat largest(const T* from, int rows, int columns, int64_t row, int c, int part) {
  vfloat most = part == LANES ? load(from) : load_part(from, part);
  for (int p = 0; p < rows; p++)
    for (int q = p == 0; q < columns; q++) {
      auto at = from + p * row + int64_t{q} * c;
      most = max(most, part == LANES ? load(at) : load_part(at, part));
    }
  return most;
}

}  // namespace

void max_pool(const Backend::MaxPool& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    int oh = max_pool_extent(o.h, o.k, o.stride, o.ceil), ow = max_pool_extent(o.w, o.k, o.stride, o.ceil);
    int64_t row = int64_t{o.w} * o.c;
    auto end = static_cast<const T*>(o.x) + o.b * o.h * row;
    parallel_for(int64_t{o.b} * oh, [&](int64_t index) {
      int64_t top = index % oh * o.stride;
      int rows = top + o.k <= o.h ? o.k : static_cast<int>(o.h - top);
      auto line = static_cast<const T*>(o.x) + (index / oh * o.h + top) * row;
      auto to = static_cast<T*>(o.y) + index * ow * o.c;
      for (int i = 0; i < ow; i++, to += o.c) {
        int left = i * o.stride;
        int columns = left + o.k <= o.w ? o.k : o.w - left;
        auto from = line + int64_t{left} * o.c;
        int done = 0;
        for (; done + LANES <= o.c; done += LANES) store(to + done, largest(from + done, rows, columns, row, o.c, LANES));
        if (done == o.c) continue;
        auto last = from + done + (rows - 1) * row + int64_t{columns - 1} * o.c;
        if (i + 1 < ow && done + LANES <= 2 * o.c && last + LANES <= end) store(to + done, largest(from + done, rows, columns, row, o.c, LANES));
        else store_part(to + done, largest(from + done, rows, columns, row, o.c, o.c - done), o.c - done);
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
