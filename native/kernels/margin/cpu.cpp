// A few numbers per step, so one thread computes them.
#include <cmath>

#include "common/normal.h"
#include "kernels/margin/margin.h"

namespace fizzy::FIZZY_LEVEL {

void margin_elastic(const Backend::MarginElastic& o) {
  for (int64_t i = 0; i < o.b; i++) {
    float normals[4] = {};
    if (o.deviation > 0) {
      uint32_t words[4];
      random_row(o.rows, o.random, o.purpose, i).block(0, words);
      normals_of(words, normals);
    }
    o.margins[2 * i] = o.angular == 0 ? 0 : std::fma(o.deviation, normals[0], o.angular);
    o.margins[2 * i + 1] = o.additive == 0 ? 0 : std::fma(o.deviation, normals[0], o.additive);
  }
}

void margin_adaptive(const Backend::MarginAdaptive& o) {
  auto norm = [&](int64_t i) { return std::fmin(std::fmax(o.norms[i], ADAPTIVE_SMALLEST), ADAPTIVE_LARGEST); };
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < o.b; i++) sum += norm(i);
  for (int64_t i = 0; i < o.b; i++) squares += (norm(i) - sum / o.b) * (norm(i) - sum / o.b);
  *o.mean = static_cast<float>(o.rate * (sum / o.b) + (1 - static_cast<double>(o.rate)) * *o.mean);
  *o.deviation = static_cast<float>(o.rate * std::sqrt(squares / (o.b - 1)) + (1 - static_cast<double>(o.rate)) * *o.deviation);
  for (int64_t i = 0; i < o.b; i++) {
    double quality = o.h * (norm(i) - *o.mean) / (*o.deviation + ADAPTIVE_EPS);
    quality = std::fmin(std::fmax(quality, -1.), 1.);
    o.margins[2 * i] = static_cast<float>(-o.margin * quality);
    o.margins[2 * i + 1] = static_cast<float>(o.margin + o.margin * quality);
  }
}

}  // namespace fizzy::FIZZY_LEVEL
