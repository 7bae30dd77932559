#include "kernels/quantize/quantize.h"

#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_quantize() {
  const float reaches[][2] = {{3, 2}, {0, 4}, {2.5f, 0}, {.17f, 2.4f}, {127, 128}};  // the last: steps of 1, with ties
  for (auto& shape : shapes())
    for (auto& reach : reaches) {
      size_t n = shape[0];
      Array x = Array::normal(1, n, 1, reach[0] > 100 ? 90 : 1.5f);
      if (reach[0] == 127)
        for (size_t i = 0; i < n; i += 2) x.set(i, std::floor(x.get(i)) / 2);
      const size_t nan = n / 2;
      x.set(nan, NAN);
      std::vector<uint8_t> y(n), expected(n);
      Quantization q(reach);
      reference::quantize(q, x.h.data(), expected.data(), n);
      expect(expected[nan] == 0, "quantize: NaN became " + std::to_string(expected[nan]));
      double worst = 0;
      for (size_t i = 0; i < n; i++) {
        if (i == nan) continue;
        double inside = std::fmin(std::fmax(x.get(i), -reach[0]), reach[1]);
        worst = std::fmax(worst, std::fabs(q.scale * (static_cast<double>(expected[i]) - q.zero) - inside));
      }
      expect(worst <= 1.001 * q.scale, "quantize: off by " + std::to_string(worst));
      for_each_level([&](const std::string& level) {
        FIZZY_SELECT(quantize)(q, x.h.data(), y.data(), n);
        expect(std::memcmp(y.data(), expected.data(), n) == 0,
               level + " quantize n " + std::to_string(n) + " reach " + std::to_string(reach[0]));
      });
    }
  return result("quantize");
}
