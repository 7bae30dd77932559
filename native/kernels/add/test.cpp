#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_add() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t n = shape[0];
      Array a = Array::normal(type, n, 1), b = Array::normal(type, n, 2), y(type, n), expected(type, n);
      at_reference([&](Backend& backend) { backend.add({type, a.data(), b.data(), expected.data(), n}); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        backend.add({type, a.data(), b.data(), y.data(), n});
        expect_close(y, expected, 0, name + " add type " + std::to_string(type) + " n " + std::to_string(n));  // both round once
      });
    }
  return result("add");
}
