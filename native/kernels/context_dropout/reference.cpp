#include "kernels/context_dropout/context_dropout.h"

#include "common/bf16.h"

namespace fizzy::reference {

static double mask(float probability, const RandomRow& row, int64_t i) {
  uint32_t words[4];
  row.block(static_cast<uint32_t>(i / 4), words);
  double u = (words[i % 4] >> 8) * 0x1p-24;
  return u < probability ? 0 : 1 / (1 - static_cast<double>(probability));
}

void context_dropout(const Backend::ContextDropout& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t b = 0; b < o.batch; b++) {
      RandomRow row = random_row(o.rows, o.random, o.purpose, b);
      bool whole = drops_whole(o.whole_probability, o.rows, o.random, o.row_purpose, b);
      for (int64_t i = 0; i < o.width; i++) {
        double value = whole ? o.empty[i] : to_float(static_cast<const T*>(o.context)[b * o.width + i]);
        static_cast<T*>(o.y)[b * o.width + i] = from_float<T>(static_cast<float>(mask(o.probability, row, i) * value));
      }
    }
  });
}

void context_dropout_backward(const Backend::ContextDropoutBackward& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.width; i++) {
      double sum = 0;
      for (int64_t b = 0; b < o.batch; b++) {
        bool whole = drops_whole(o.whole_probability, o.rows, o.random, o.row_purpose, b);
        double g = mask(o.probability, random_row(o.rows, o.random, o.purpose, b), i) * to_float(static_cast<const T*>(o.dy)[b * o.width + i]);
        if (whole) sum += g;
        if (o.dcontext) static_cast<T*>(o.dcontext)[b * o.width + i] = from_float<T>(whole ? 0.f : static_cast<float>(g));
      }
      if (o.dempty) o.dempty[i] = static_cast<float>(sum);
    }
  });
}

}  // namespace fizzy::reference
