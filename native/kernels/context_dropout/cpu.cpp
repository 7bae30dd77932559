#include "kernels/context_dropout/context_dropout.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The factor of each of RANDOM_SPAN elements from `element` on: 0 or scale.
void draw_mask(const RandomRow& row, int64_t element, int below, float scale, float out[RANDOM_SPAN]) {
  uint32_t words[RANDOM_SPAN];
  random_words(row, element, words);
  for (int i = 0; i < RANDOM_SPAN; i++) out[i] = static_cast<int>(words[i] >> 8) < below ? 0.f : scale;
}

}  // namespace

void context_dropout(int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
                     const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width) {
  int below = drop_below(probability);
  float scale = 1 / (1 - probability);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_rows(batch, width, [&](int64_t b, int64_t begin, int64_t end) {
      RandomRow row = random_row(rows, random, purpose, b);
      bool whole = drops_whole(whole_probability, rows, random, row_purpose, b);
      const T* in = static_cast<const T*>(context) + b * width;
      T* out = static_cast<T*>(y) + b * width;
      float mask[RANDOM_SPAN];
      for (int64_t at = begin; at < end; at += RANDOM_SPAN) {
        draw_mask(row, at, below, scale, mask);
        for (int v = 0; v < RANDOM_SPAN && at + v < end; v += LANES) {
          int64_t i = at + v;
          int count = i + LANES <= end ? LANES : static_cast<int>(end - i);
          vfloat value = whole ? load_up_to(empty + i, count) : load_up_to(in + i, count);
          store_up_to(out + i, load(mask + v) * value, count);
        }
      }
    });
  });
}

// Columns are shared out, rows are summed in their order: the same bits for any number of threads.
void context_dropout_backward(int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
                              int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width) {
  int below = drop_below(probability);
  float scale = 1 / (1 - probability);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_chunks(width, RANDOM_SPAN, [&](int64_t begin, int64_t end) {
      vfloat sum[4] = {};
      float mask[RANDOM_SPAN];
      for (int64_t b = 0; b < batch; b++) {
        draw_mask(random_row(rows, random, purpose, b), begin, below, scale, mask);
        bool whole = drops_whole(whole_probability, rows, random, row_purpose, b);
        for (int64_t i = begin; i < end; i += LANES) {
          int count = i + LANES <= end ? LANES : static_cast<int>(end - i);
          vfloat g = load(mask + (i - begin)) * load_up_to(static_cast<const T*>(dy) + b * width + i, count);
          if (whole) sum[(i - begin) / LANES] += g;
          if (dcontext) store_up_to(static_cast<T*>(dcontext) + b * width + i, whole ? vfloat{} : g, count);
        }
      }
      for (int64_t i = begin; dempty && i < end; i += LANES)
        store_up_to(dempty + i, sum[(i - begin) / LANES], i + LANES <= end ? LANES : static_cast<int>(end - i));
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
