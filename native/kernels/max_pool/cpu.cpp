// A window's rows overlap the next one's, so x is read from memory once and from the caches after that: the floor is one read of
// x and one write of y. Where channels do not fill a vector, the lanes beyond them spill into the pixel that is written next.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The largest of rows x columns vectors; `part` lanes of each are read, all where it is LANES.
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

void max_pool(int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    int oh = max_pool_extent(h, k, stride, ceil), ow = max_pool_extent(w, k, stride, ceil);
    int64_t row = int64_t{w} * c;
    auto end = static_cast<const T*>(x) + b * h * row;
    parallel_for(int64_t{b} * oh, [&](int64_t index) {
      int64_t top = index % oh * stride;
      int rows = top + k <= h ? k : static_cast<int>(h - top);
      auto line = static_cast<const T*>(x) + (index / oh * h + top) * row;
      auto to = static_cast<T*>(y) + index * ow * c;
      for (int i = 0; i < ow; i++, to += c) {
        int left = i * stride;
        int columns = left + k <= w ? k : w - left;
        auto from = line + int64_t{left} * c;
        int done = 0;
        for (; done + LANES <= c; done += LANES) store(to + done, largest(from + done, rows, columns, row, c, LANES));
        if (done == c) continue;
        auto last = from + done + (rows - 1) * row + int64_t{columns - 1} * c;
        if (i + 1 < ow && done + LANES <= 2 * c && last + LANES <= end) store(to + done, largest(from + done, rows, columns, row, c, LANES));
        else store_part(to + done, largest(from + done, rows, columns, row, c, c - done), c - done);
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
