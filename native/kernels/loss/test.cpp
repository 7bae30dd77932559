#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_loss() {
  for (auto& shape : shapes())
    for (int types = 0; types < 3; types++)  // f32 and f32, bf16 and f32, bf16 and bf16
      for (int kind = 0; kind < 4; kind++) {
        int type = types > 0, target_type = types > 1;
        int64_t n = shape[0];
        Array a = Array::normal(type, n, 1), b = Array::normal(target_type, n, 2), value(0, 1), expected(0, 1), da(type, n),
              expected_da(type, n);
        b.set(0, a.get(0));  // d = 0, where |d| has no derivative
        float up = 3;
        auto run = [&](Backend& backend, Array& loss) {
          Backend::Loss call{type, target_type, kind, a.data(), b.data(), loss.f.data(), n, nullptr};
          auto scratch = with_scratch(backend, call);
          backend.loss(call);
        };
        at_reference([&](Backend& backend) {
          run(backend, expected);
          backend.loss_backward({type, target_type, kind, a.data(), b.data(), &up, expected_da.data(), n});
        });
        for_each_backend([&](Backend& backend, const std::string& name) {
          std::string what = name + " loss kind " + std::to_string(kind) + " types " + std::to_string(types) + " n " + std::to_string(n);
          run(backend, value);
          backend.loss_backward({type, target_type, kind, a.data(), b.data(), &up, da.data(), n});
          expect_close(value, expected, 1e-6, what);
          expect_close(da, expected_da, type == 0 ? 1e-6 : 8e-3, what + " backward");
          Array again(0, 1);
          int before = threads();
          set_threads(before == 3 ? 2 : 3);
          run(backend, again);
          set_threads(before);
          expect_close(again, value, 0, what + " on other threads");
        });
      }
  return result("loss");
}
