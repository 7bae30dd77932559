#include "kernels/context_dropout/context_dropout.h"

#include "common/bf16.h"

namespace fizzy::reference {

static double mask(float probability, const RandomRow& row, int64_t i) {
  uint32_t words[4];
  row.block(static_cast<uint32_t>(i / 4), words);
  double u = (words[i % 4] >> 8) * 0x1p-24;
  return u < probability ? 0 : 1 / (1 - static_cast<double>(probability));
}

void context_dropout(int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
                     const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t b = 0; b < batch; b++) {
      RandomRow row = random_row(rows, random, purpose, b);
      bool whole = drops_whole(whole_probability, rows, random, row_purpose, b);
      for (int64_t i = 0; i < width; i++) {
        double value = whole ? empty[i] : to_float(static_cast<const T*>(context)[b * width + i]);
        static_cast<T*>(y)[b * width + i] = from_float<T>(static_cast<float>(mask(probability, row, i) * value));
      }
    }
  });
}

void context_dropout_backward(int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
                              int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < width; i++) {
      double sum = 0;
      for (int64_t b = 0; b < batch; b++) {
        bool whole = drops_whole(whole_probability, rows, random, row_purpose, b);
        double g = mask(probability, random_row(rows, random, purpose, b), i) * to_float(static_cast<const T*>(dy)[b * width + i]);
        if (whole) sum += g;
        if (dcontext) static_cast<T*>(dcontext)[b * width + i] = from_float<T>(whole ? 0.f : static_cast<float>(g));
      }
      if (dempty) dempty[i] = static_cast<float>(sum);
    }
  });
}

}  // namespace fizzy::reference
