#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_weighted_sum() {
  for (auto& shape : shapes()) {
    int n = shape[0];
    Array x = Array::normal(0, n, 1), weights = Array::normal(0, n, 2), y(0, 1), expected(0, 1);
    Backend::WeightedSum call{};
    call.count = n;
    double total = 0;
    for (int i = 0; i < n; i++) {
      call.scalars[i] = &x.f[i];
      call.weights[i] = weights.f[i];
      total += double(weights.get(i)) * x.get(i);
    }
    expected.set(0, total);
    call.y = y.f.data();
    auto run = [&](Backend& backend, const std::string& name) {
      backend.weighted_sum(call);
      expect_close(y, expected, 0, name + " weighted_sum of " + std::to_string(n));
    };
    at_reference([&](Backend& backend) { run(backend, "reference"); });
    for_each_backend(run);
  }
  Backend::WeightedSum many{};
  many.count = 33;
  expect_refusal([&] { cpu().weighted_sum(many); }, "33 scalars");
  return result("weighted_sum");
}
