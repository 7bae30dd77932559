#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_softmax() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int rows = shape[0], columns = shape[1];
      size_t n = size_t(rows) * columns;
      Array x = Array::normal(type, n, 1, 4), dy = Array::normal(type, n, 2), y(type, n), dx(type, n), expected_y(type, n), expected_dx(type, n);
      x.set(0, 200);  // e^200 overflows unless the maximum is subtracted
      at_reference([&](Backend& backend) {
        backend.softmax({type, x.data(), expected_y.data(), rows, columns});
        backend.softmax_backward({type, expected_y.data(), dy.data(), expected_dx.data(), rows, columns});
      });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " softmax type " + std::to_string(type) + " [" + std::to_string(rows) + "," + std::to_string(columns) + "]";
        backend.softmax({type, x.data(), y.data(), rows, columns});
        backend.softmax_backward({type, expected_y.data(), dy.data(), dx.data(), rows, columns});
        double tolerance = type == 0 ? 2e-6 : 8e-3;
        expect_close(y, expected_y, tolerance, what);
        expect_close(dx, expected_dx, tolerance, what + " backward");
      });
    }
  return result("softmax");
}
