#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_norm_ratio() {
  for (auto& shape : shapes()) {
    int64_t n = shape[0];
    Array a = Array::normal(0, n, 1), y(0, 1), expected(0, 1);
    for (float scale : {1.f, 1e-3f, 0.f}) {  // the last is clamped
      Array b = Array::normal(0, n, 2, scale);
      auto run = [&](Backend& backend, Array& out) { backend.norm_ratio({a.f.data(), b.f.data(), out.f.data(), n, .75f}); };
      at_reference([&](Backend& backend) { run(backend, expected); });
      if (scale == 0) expect(std::fabs(a.f[0]) > 1 ? expected.f[0] == 7500 : expected.f[0] > 0, "norm_ratio: the largest value");
      for_each_backend([&](Backend& backend, const std::string& name) {
        run(backend, y);
        expect_close(y, expected, 1e-7, name + " norm_ratio of " + std::to_string(n) + " scale " + std::to_string(scale));
      });
    }
    a.set(n - 1, NAN);
    for_each_backend([&](Backend& backend, const std::string& name) {
      backend.norm_ratio({a.f.data(), a.f.data(), y.f.data(), n, 1});
      expect(std::isnan(y.f[0]), name + " norm_ratio of NaN");
    });
  }
  return result("norm_ratio");
}
