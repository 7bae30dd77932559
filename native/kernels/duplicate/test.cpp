#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& shape : shapes()) {
    size_t n = shape[0];
    Array x = Array::normal(0, n, 1), y(0, 2 * n), expected(0, 2 * n);
    for (size_t i = 0; i < 2 * n; i++) expected.set(i, x.get(i % n));
    duplicate(x.data(), y.data(), n * sizeof(float));
    expect_close(y, expected, 0, "duplicate n " + std::to_string(n));
  }
  return result("duplicate");
}
