#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_upsample() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      size_t n = size_t(s[0]) * s[1] * s[2] * s[3];
      Array x = Array::normal(type, n, 1), dy = Array::normal(type, 4 * n, 2), y(type, 4 * n), dx(type, n), expected_y(type, 4 * n),
            expected_dx(type, n);
      at_reference([&](Backend& backend) {
        backend.upsample({type, x.data(), expected_y.data(), s[0], s[1], s[2], s[3]});
        backend.upsample_backward({type, dy.data(), expected_dx.data(), s[0], s[1], s[2], s[3]});
      });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " upsample type " + std::to_string(type) + " " + std::to_string(s[1]) + "x" + std::to_string(s[2]) + "x" +
                           std::to_string(s[3]);
        backend.upsample({type, x.data(), y.data(), s[0], s[1], s[2], s[3]});
        backend.upsample_backward({type, dy.data(), dx.data(), s[0], s[1], s[2], s[3]});
        expect_close(y, expected_y, 0, what);
        expect_close(dx, expected_dx, type == 0 ? 1e-6 : 8e-3, what + " backward");
      });
    }
  return result("upsample");
}
