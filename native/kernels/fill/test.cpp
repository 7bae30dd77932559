#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_fill() {
  for (auto& shape : shapes()) {
    int64_t n = shape[0];
    Array y(0, n), expected(0, n);
    at_reference([&](Backend& backend) { backend.fill({expected.f.data(), 1.5f, n}); });
    expect(expected.get(0) == 1.5f && expected.get(n - 1) == 1.5f, "fill: the reference");
    for_each_backend([&](Backend& backend, const std::string& name) {
      backend.fill({y.f.data(), 1.5f, n});
      expect_close(y, expected, 0, name + " fill n " + std::to_string(n));
    });
  }
  return result("fill");
}
