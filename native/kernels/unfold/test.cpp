#include "kernels/unfold/unfold.h"

#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_unfold() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      Window w{s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]};
      Array x = Array::normal(type, static_cast<size_t>(w.batch) * w.height * w.width * w.channels, 1);
      size_t n = static_cast<size_t>(w.batch) * w.out_height * w.out_width * w.channels * w.k * w.k;
      Array y(type, n), expected(type, n);
      reference::unfold(type, w, x.data(), expected.data());
      for_each_level([&](const std::string& level) {
        FIZZY_SELECT(unfold)(type, w, x.data(), y.data());
        expect(std::memcmp(y.data(), expected.data(), n * (type == 0 ? 4 : 2)) == 0,
               level + " unfold type " + std::to_string(type) + " k " + std::to_string(w.k) + " channels " + std::to_string(w.channels));
      });
    }
  return result("unfold");
}
