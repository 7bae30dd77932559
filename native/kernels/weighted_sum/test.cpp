#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& shape : shapes()) {
    int n = shape[0];
    Array x = Array::normal(0, n, 1), weights = Array::normal(0, n, 2), y(0, 1), expected(0, 1);
    std::vector<const float*> scalars;
    double total = 0;
    for (int i = 0; i < n; i++) {
      scalars.push_back(&x.f[i]);
      total += double(weights.get(i)) * x.get(i);
    }
    expected.set(0, total);
    weighted_sum(scalars.data(), weights.f.data(), y.f.data(), n);
    expect_close(y, expected, 0, "weighted_sum of " + std::to_string(n));
  }
  return result("weighted_sum");
}
