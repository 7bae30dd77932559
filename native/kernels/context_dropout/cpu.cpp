#include "kernels/context_dropout/context_dropout.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The factors (0 or scale) of RANDOM_SPAN elements, beginning with `element`.
void draw_mask(const RandomRow& row, int64_t element, int below, float scale, float out[RANDOM_SPAN]) {
  uint32_t words[RANDOM_SPAN];
  random_words(row, element, words);
  for (int i = 0; i < RANDOM_SPAN; i++) out[i] = static_cast<int>(words[i] >> 8) < below ? 0.f : scale;
}

}  // namespace

void context_dropout(const Backend::ContextDropout& o) {
  DropoutRange range = dropout_range(o);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_rows(o.batch, o.width, [&](int64_t b, int64_t begin, int64_t end) {
      RandomRow row = random_row(o.rows, o.random, o.purpose, b);
      RowDropout drop = row_dropout(o, range, b);
      const T* in = static_cast<const T*>(o.context) + b * o.width;
      T* out = static_cast<T*>(o.y) + b * o.width;
      float mask[RANDOM_SPAN];
      for (int64_t at = begin; at < end; at += RANDOM_SPAN) {
        draw_mask(row, at, drop.below, drop.scale, mask);
        for (int v = 0; v < RANDOM_SPAN && at + v < end; v += LANES) {
          int64_t i = at + v;
          int count = i + LANES <= end ? LANES : static_cast<int>(end - i);
          vfloat value = drop.whole ? load_up_to(o.empty + i, count) : load_up_to(in + i, count);
          store_up_to(out + i, load(mask + v) * value, count);
        }
      }
    });
  });
}

// Threads divide the columns; rows are summed in order: the same bits for any number of threads.
void context_dropout_backward(const Backend::ContextDropoutBackward& o) {
  DropoutRange range = dropout_range(o);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_chunks(o.width, RANDOM_SPAN, [&](int64_t begin, int64_t end) {
      vfloat sum[4] = {};
      float mask[RANDOM_SPAN];
      for (int64_t b = 0; b < o.batch; b++) {
        RowDropout drop = row_dropout(o, range, b);
        draw_mask(random_row(o.rows, o.random, o.purpose, b), begin, drop.below, drop.scale, mask);
        for (int64_t i = begin; i < end; i += LANES) {
          int count = i + LANES <= end ? LANES : static_cast<int>(end - i);
          vfloat g = load(mask + (i - begin)) * load_up_to(static_cast<const T*>(o.dy) + b * o.width + i, count);
          if (drop.whole) sum[(i - begin) / LANES] += g;
          if (o.dcontext) store_up_to(static_cast<T*>(o.dcontext) + b * o.width + i, drop.whole ? vfloat{} : g, count);
        }
      }
      for (int64_t i = begin; o.dempty && i < end; i += LANES)
        store_up_to(o.dempty + i, sum[(i - begin) / LANES], i + LANES <= end ? LANES : static_cast<int>(end - i));
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
