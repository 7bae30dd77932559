#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_add_scaled() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t n = shape[0];
      Array scale = Array::normal(0, 1, 3), a = Array::normal(type, n, 1), b = Array::normal(type, n, 2), y(type, n), expected(type, n);
      at_reference([&](Backend& backend) { backend.add_scaled({type, a.data(), scale.f.data(), b.data(), expected.data(), n}); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " add_scaled type " + std::to_string(type) + " n " + std::to_string(n);
        backend.add_scaled({type, a.data(), scale.f.data(), b.data(), y.data(), n});
        expect_close(y, expected, type == 0 ? 1e-7 : 4e-3, what);  // one rounding of the result
        Array in_place = a;
        backend.add_scaled({type, in_place.data(), scale.f.data(), b.data(), in_place.data(), n});
        expect_close(in_place, y, 0, what + " in place");
      });
    }
  return result("add_scaled");
}
