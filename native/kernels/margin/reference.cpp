#include "kernels/margin/margin.h"

#include <algorithm>

#include "common/normal.h"

namespace fizzy::reference {

void margin_elastic(const Backend::MarginElastic& o) {
  for (int64_t i = 0; i < o.b; i++) {
    float normals[4] = {};
    if (o.deviation > 0) {
      uint32_t words[4];
      random_row(o.rows, o.random, o.purpose, i).block(0, words);
      normals_of(words, normals);
    }
    double moved = static_cast<double>(o.deviation) * normals[0];
    o.margins[2 * i] = o.angular == 0 ? 0 : static_cast<float>(moved + o.angular);
    o.margins[2 * i + 1] = o.additive == 0 ? 0 : static_cast<float>(moved + o.additive);
  }
}

void margin_adaptive(const Backend::MarginAdaptive& o) {
  double mean = 0, square = 0, rate = o.rate;
  auto norm = [&](int64_t i) { return std::clamp(static_cast<double>(o.norms[i]), ADAPTIVE_SMALLEST, ADAPTIVE_LARGEST); };
  for (int64_t i = 0; i < o.b; i++) mean += norm(i) / o.b;
  for (int64_t i = 0; i < o.b; i++) square += (norm(i) - mean) * (norm(i) - mean) / (o.b - 1);
  *o.mean = static_cast<float>(rate * mean + (1 - rate) * *o.mean);
  *o.deviation = static_cast<float>(rate * std::sqrt(square) + (1 - rate) * *o.deviation);
  for (int64_t i = 0; i < o.b; i++) {
    double quality = std::clamp(o.h * (norm(i) - *o.mean) / (*o.deviation + ADAPTIVE_EPS), -1., 1.);
    o.margins[2 * i] = static_cast<float>(-o.margin * quality);
    o.margins[2 * i + 1] = static_cast<float>(o.margin + o.margin * quality);
  }
}

}  // namespace fizzy::reference
