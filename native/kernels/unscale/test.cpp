#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

static bool same(const Array& a, const Array& b) { return std::memcmp(a.f.data(), b.f.data(), a.f.size() * 4) == 0; }

static void bits_are_those_of_double() {
  for (auto& shape : shapes()) {
    int batch = shape[0], n = shape[1];
    Array x = Array::normal(0, batch * n, 1, 3), y(0, batch * n), extreme(0, batch), expected(0, batch * n), expected_extreme(0, batch);
    for (double scale : {.18215, 1., -3.}) {
      at_reference([&](Backend& backend) { backend.unscale({x.f.data(), expected.f.data(), expected_extreme.f.data(), batch, n, scale}); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        backend.unscale({x.f.data(), y.f.data(), extreme.f.data(), batch, n, scale});
        expect(same(y, expected) && same(extreme, expected_extreme),
               name + " unscale [" + std::to_string(batch) + "," + std::to_string(n) + "] by " + std::to_string(scale));
      });
    }
  }
}

// The element of the largest magnitude, with its sign, wherever it is; NaN above infinity, infinity above all numbers.
static void the_largest_magnitude_is_found() {
  constexpr int N = 300;
  for (float value : {-7.f, 7.f, -INFINITY, NAN}) {
    for (int at : {0, 150, N - 1}) {
      Array x = Array::normal(0, N, 2), y(0, N), extreme(0, 1);
      if (std::isnan(value)) x.set(1, INFINITY);
      x.set(at, value);
      auto found = [&](Backend& backend, const std::string& name) {
        backend.unscale({x.f.data(), y.f.data(), extreme.f.data(), 1, N, 1});
        float got = extreme.f[0];
        expect(std::isnan(value) ? std::isnan(got) : got == value, name + " unscale: the extreme " + std::to_string(got));
      };
      at_reference([&](Backend& backend) { found(backend, "reference"); });
      for_each_backend(found);
    }
  }
}

int test_unscale() {
  bits_are_those_of_double();
  the_largest_magnitude_is_found();
  float x = 1, y, extreme;
  expect_refusal([&] { cpu().unscale({&x, &y, &extreme, 1, 1, 0}); }, "the scale is 0");
  return result("unscale");
}
