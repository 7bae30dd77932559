// Windows overlap, so x is read from memory once and from the caches after that. Floor: one read of x and one write of y; backward reads x
// and dy and writes dx. A pixel's gradient is the sum over the windows in which it is the first largest, so every pixel is written once. If
// the channels do not fill a vector, forward stores the extra lanes into the next pixel, which is written afterwards.
#include "common/channels.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The part of an axis that a window covers.
struct Extent {
  int begin, end;
  Extent(int first, int k, int n) : begin(std::max(0, first)), end(std::min(n, first + k)) {}
};

// The windows that cover pixel `at` of an axis.
Extent windows(int at, int k, int stride, int before, int count) {
  int last = (at + before) / stride, first = at + before - k + 1 <= 0 ? 0 : (at + before - k + stride) / stride;
  return {first, last - first + 1, count};
}

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
    int64_t row = int64_t{o.w} * o.c;
    auto end = static_cast<const T*>(o.x) + o.b * o.h * row;
    parallel_for(int64_t{o.b} * o.oh, [&](int64_t index) {
      Extent down(static_cast<int>(index % o.oh) * o.stride - o.top, o.k, o.h);
      int rows = down.end - down.begin;
      auto line = static_cast<const T*>(o.x) + (index / o.oh * o.h + down.begin) * row;
      auto to = static_cast<T*>(o.y) + index * o.ow * o.c;
      for (int i = 0; i < o.ow; i++, to += o.c) {
        Extent across(i * o.stride - o.left, o.k, o.w);
        int columns = across.end - across.begin, done = 0;
        auto from = line + int64_t{across.begin} * o.c;
        for (; done + LANES <= o.c; done += LANES) store(to + done, largest(from + done, rows, columns, row, o.c, LANES));
        if (done == o.c) continue;
        auto last = from + done + (rows - 1) * row + int64_t{columns - 1} * o.c;
        if (i + 1 < o.ow && done + LANES <= 2 * o.c && last + LANES <= end)
          store(to + done, largest(from + done, rows, columns, row, o.c, LANES));
        else store_part(to + done, largest(from + done, rows, columns, row, o.c, o.c - done), o.c - done);
      }
    });
  });
}

void max_pool_backward(const Backend::MaxPoolBackward& call) {
  const auto& o = call.forward;
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_for(int64_t{o.b} * o.h, [&](int64_t index) {
      int row = static_cast<int>(index % o.h);
      Extent down = windows(row, o.k, o.stride, o.top, o.oh);
      auto image = static_cast<const T*>(o.x) + index / o.h * o.h * o.w * o.c;
      auto gradient = static_cast<const T*>(call.dy) + index / o.h * o.oh * o.ow * o.c;
      auto to = static_cast<T*>(call.dx) + index * o.w * o.c;
      for (int column = 0; column < o.w; column++, to += o.c) {
        Extent across = windows(column, o.k, o.stride, o.left, o.ow);
        channels(o.c, [&](auto in, auto out) {
          vfloat own = in(image + (int64_t{row} * o.w + column) * o.c), sum{};
          for (int i = down.begin; i < down.end; i++)
            for (int j = across.begin; j < across.end; j++) {
              Extent rows(i * o.stride - o.top, o.k, o.h), columns(j * o.stride - o.left, o.k, o.w);
              vfloat d = in(gradient + (int64_t{i} * o.ow + j) * o.c);
              for (int p = rows.begin; p < rows.end; p++)
                for (int q = columns.begin; q < columns.end; q++) {
                  if (p == row && q == column) continue;
                  vfloat other = in(image + (int64_t{p} * o.w + q) * o.c);
                  bool before = p < row || (p == row && q < column);
                  d = (before ? other >= own : other > own) ? vfloat{} : d;
                }
              sum += d;
            }
          out(to, sum);
        });
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
