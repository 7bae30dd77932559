// Floor: one read and one write; a row is read from memory once and from the level-1 cache after that.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/softmax/softmax.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

int64_t rows_at_once(int columns) { return ((1 << 14) + columns - 1) / columns; }

}  // namespace

void softmax(const Backend::Softmax& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_chunks(o.rows, rows_at_once(o.columns), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        auto in = static_cast<const T*>(o.x) + r * o.columns;
        auto out = static_cast<T*>(o.y) + r * o.columns;
        int whole = o.columns / LANES * LANES, rest = o.columns - whole;
        float largest = to_float(in[0]);
        vfloat most = splat(largest);
        for (int i = 0; i < whole; i += LANES) most = max(most, load(in + i));
        largest = max(most);
        for (int i = whole; i < o.columns; i++) largest = to_float(in[i]) > largest ? to_float(in[i]) : largest;
        vfloat total = {};
        for (int i = 0; i < whole; i += LANES) total += exp(load(in + i) - largest);
        vfloat tail = {};
        if (rest > 0) {
          tail = exp(load_part(in + whole, rest) - largest);
          for (int i = rest; i < LANES; i++) tail[i] = 0;
          total += tail;
        }
        float scale = 1 / sum(total);
        for (int i = 0; i < whole; i += LANES) store(out + i, exp(load(in + i) - largest) * scale);
        if (rest > 0) store_part(out + whole, tail * scale, rest);
      }
    });
  });
}

void softmax_backward(const Backend::SoftmaxBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_chunks(o.rows, rows_at_once(o.columns), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        auto out = static_cast<const T*>(o.y) + r * o.columns;
        auto up = static_cast<const T*>(o.dy) + r * o.columns;
        auto down = static_cast<T*>(o.dx) + r * o.columns;
        int whole = o.columns / LANES * LANES, rest = o.columns - whole;
        vfloat products = {};
        for (int i = 0; i < whole; i += LANES) products = fma(load(out + i), load(up + i), products);
        if (rest > 0) products = fma(load_part(out + whole, rest), load_part(up + whole, rest), products);
        float dot = sum(products);
        for (int i = 0; i < whole; i += LANES) store(down + i, load(out + i) * (load(up + i) - dot));
        if (rest > 0) store_part(down + whole, load_part(out + whole, rest) * (load_part(up + whole, rest) - dot), rest);
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
