#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_duplicate() {
  for (auto& shape : shapes()) {
    int64_t n = shape[0];
    Array x = Array::normal(0, n, 1), y(0, 2 * n), expected(0, 2 * n);
    at_reference([&](Backend& backend) { backend.duplicate({x.data(), expected.data(), 4 * n}); });
    for_each_backend([&](Backend& backend, const std::string& name) {
      backend.duplicate({x.data(), y.data(), 4 * n});
      expect_close(y, expected, 0, name + " duplicate n " + std::to_string(n));
    });
  }
  return result("duplicate");
}
