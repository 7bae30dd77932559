#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_activation() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++)
      for (int kind = 0; kind < 7; kind++) {
        int64_t n = shape[0];
        Array x = Array::normal(type, n, 1, 4), dy = Array::normal(type, n, 2);
        Array y(type, n), dx(type, n), expected_y(type, n), expected_dx(type, n);
        at_reference([&](Backend& backend) {
          backend.activation({type, kind, x.data(), expected_y.data(), n});
          backend.activation_backward({type, kind, x.data(), dy.data(), expected_dx.data(), n});
        });
        for_each_backend([&](Backend& backend, const std::string& name) {
          std::string what = name + " activation kind " + std::to_string(kind) + " type " + std::to_string(type) + " n " + std::to_string(n);
          backend.activation({type, kind, x.data(), y.data(), n});
          backend.activation_backward({type, kind, x.data(), dy.data(), dx.data(), n});
          // f32: errors of the erf polynomial (1.5e-7) and of the exponential (2e-7), for values up to 10; bf16: one rounding.
          double tolerance = type == 0 ? 2e-6 : 8e-3;
          expect_close(y, expected_y, tolerance, what);
          expect_close(dx, expected_dx, tolerance, what + " backward");
        });
      }
  return result("activation");
}
