#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      size_t n = shape[0];
      Array a = Array::normal(type, n, 1), b = Array::normal(type, n, 2), y(type, n), expected(type, n), ones(0, n), filled(0, n);
      for (size_t i = 0; i < n; i++) ones.set(i, 1.5f);
      at_reference([&] { add(type, a.data(), b.data(), expected.data(), n); });
      for_each_level([&](const std::string& level) {
        std::string what = level + " type " + std::to_string(type) + " n " + std::to_string(n);
        add(type, a.data(), b.data(), y.data(), n);
        expect_close(y, expected, 0, "add " + what);  // one rounding either way
        fill_value(filled.f.data(), 1.5f, n);
        expect_close(filled, ones, 0, "fill " + what);
      });
    }
  return result("add");
}
