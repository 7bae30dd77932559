#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_cast() {
  for (auto& shape : shapes())
    for (int from = 0; from < 2; from++)
      for (int to = 0; to < 2; to++) {
        int64_t n = shape[0];
        Array x = Array::normal(from, n, 1), y(to, n), expected(to, n);
        at_reference([&](Backend& backend) { backend.cast({from, to, x.data(), expected.data(), n}); });
        for_each_backend([&](Backend& backend, const std::string& name) {
          backend.cast({from, to, x.data(), y.data(), n});
          expect_close(y, expected, 0, name + " cast " + std::to_string(from) + " to " + std::to_string(to) + " n " + std::to_string(n));
        });
      }
  return result("cast");
}
