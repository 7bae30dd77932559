// Margins of a batch, [B,2]: angular and additive. A few numbers a step, so one implementation serves every level.
#include <cmath>

#include "common/check.h"
#include "common/normal.h"
#include "common/philox.h"
#include "fizzy/kernels.h"

namespace fizzy {

void margin_elastic(const int* rows, const int* random, int purpose, float angular, float additive, float deviation, float* margins, int64_t b) {
  check_random("margin_elastic", purpose, random[2], b, 1);
  check(deviation >= 0 && std::isfinite(angular) && std::isfinite(additive), "margin_elastic: margins ", angular, " and ", additive,
        ", deviation ", deviation);
  for (int64_t i = 0; i < b; i++) {
    float normals[4] = {};
    if (deviation > 0) {
      uint32_t words[4];
      random_row(rows, random, purpose, i).block(0, words);
      normals_of(words, normals);
    }
    margins[2 * i] = angular == 0 ? 0 : std::fma(deviation, normals[0], angular);
    margins[2 * i + 1] = additive == 0 ? 0 : std::fma(deviation, normals[0], additive);
  }
}

void margin_adaptive(const float* norms, float* mean, float* deviation, float margin, float h, float rate, float* margins, int64_t b) {
  constexpr double EPS = 1e-3, SMALLEST = 1e-3, LARGEST = 100;  // of the published code
  check(b > 1, "margin_adaptive: the norms of ", b, " faces have no deviation");
  auto norm = [&](int64_t i) { return std::fmin(std::fmax(norms[i], SMALLEST), LARGEST); };
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < b; i++) sum += norm(i);
  for (int64_t i = 0; i < b; i++) squares += (norm(i) - sum / b) * (norm(i) - sum / b);
  *mean = static_cast<float>(rate * (sum / b) + (1 - static_cast<double>(rate)) * *mean);
  *deviation = static_cast<float>(rate * std::sqrt(squares / (b - 1)) + (1 - static_cast<double>(rate)) * *deviation);
  for (int64_t i = 0; i < b; i++) {
    double quality = h * (norm(i) - *mean) / (*deviation + EPS);
    quality = std::fmin(std::fmax(quality, -1.), 1.);
    margins[2 * i] = static_cast<float>(-margin * quality);
    margins[2 * i + 1] = static_cast<float>(margin + margin * quality);
  }
}

}  // namespace fizzy
