#include "kernels/context_dropout/context_dropout.h"

#include <cmath>

#include "common/bf16.h"

namespace fizzy::reference {

// What a row draws.
struct Draw {
  bool whole;
  double probability;
};

template <typename Call>
static Draw draw(const Call& o, int64_t b) {
  uint32_t words[4];
  random_row(o.rows, o.random, o.row_purpose, b).block(0, words);
  double own = o.probability;
  if (o.probability_to != o.probability) {  // in steps of 2^-24
    double low = std::ceil(o.probability * 0x1p24), high = std::ceil(o.probability_to * 0x1p24);
    own = (low + std::floor((high - low) * (words[1] >> 8) * 0x1p-24)) * 0x1p-24;
  }
  return {(words[0] >> 8) * 0x1p-24 < o.whole_probability, own};
}

static double mask(double probability, const RandomRow& row, int64_t i) {
  uint32_t words[4];
  row.block(static_cast<uint32_t>(i / 4), words);
  double u = (words[i % 4] >> 8) * 0x1p-24;
  return u < probability ? 0 : 1 / (1 - probability);
}

void context_dropout(const Backend::ContextDropout& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t b = 0; b < o.batch; b++) {
      RandomRow row = random_row(o.rows, o.random, o.purpose, b);
      Draw drawn = draw(o, b);
      for (int64_t i = 0; i < o.width; i++) {
        double value = drawn.whole ? o.empty[i] : to_float(static_cast<const T*>(o.context)[b * o.width + i]);
        static_cast<T*>(o.y)[b * o.width + i] = from_float<T>(static_cast<float>(mask(drawn.probability, row, i) * value));
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
        Draw drawn = draw(o, b);
        double g =
            mask(drawn.probability, random_row(o.rows, o.random, o.purpose, b), i) * to_float(static_cast<const T*>(o.dy)[b * o.width + i]);
        if (drawn.whole) sum += g;
        if (o.dcontext) static_cast<T*>(o.dcontext)[b * o.width + i] = from_float<T>(drawn.whole ? 0.f : static_cast<float>(g));
      }
      if (o.dempty) o.dempty[i] = static_cast<float>(sum);
    }
  });
}

}  // namespace fizzy::reference
