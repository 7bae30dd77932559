#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_transpose() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int b = s[0], r = s[1], c = s[2];
      Array x = Array::normal(type, b * r * c, 1), y(type, x.size()), expected(type, x.size());
      at_reference([&](Backend& backend) { backend.transpose({type, x.data(), expected.data(), b, r, c}); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        backend.transpose({type, x.data(), y.data(), b, r, c});
        expect_close(
            y, expected, 0,
            name + " transpose type " + std::to_string(type) + " " + std::to_string(b) + "x" + std::to_string(r) + "x" + std::to_string(c));
      });
    }
  return result("transpose");
}
