#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& shape : shapes())
    for (int types = 0; types < 3; types++)  // f32 and f32, bf16 and f32, bf16 and bf16
      for (int kind = 0; kind < 2; kind++) {
        int type = types > 0, target_type = types > 1;
        size_t n = shape[0];
        Array a = Array::normal(type, n, 1), b = Array::normal(target_type, n, 2), value(0, 1), expected(0, 1), da(type, n),
              expected_da(type, n);
        b.set(0, a.get(0));  // where |d| has no slope
        float up = 3;
        std::vector<char> scratch(loss_scratch(n));
        at_reference([&] {
          loss(type, target_type, kind, a.data(), b.data(), expected.f.data(), n, scratch.data());
          loss_backward(type, target_type, kind, a.data(), b.data(), &up, expected_da.data(), n);
        });
        for_each_level([&](const std::string& level) {
          std::string what = level + " loss kind " + std::to_string(kind) + " types " + std::to_string(types) + " n " + std::to_string(n);
          loss(type, target_type, kind, a.data(), b.data(), value.f.data(), n, scratch.data());
          loss_backward(type, target_type, kind, a.data(), b.data(), &up, da.data(), n);
          expect_close(value, expected, 1e-6, what);
          expect_close(da, expected_da, type == 0 ? 1e-6 : 8e-3, what + " backward");
          Array again(0, 1);
          int before = threads();
          set_threads(before == 3 ? 2 : 3);
          loss(type, target_type, kind, a.data(), b.data(), again.f.data(), n, scratch.data());
          set_threads(before);
          expect_close(again, value, 0, what + " on other threads");
        });
      }
  return result("loss");
}
