#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_prelu() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t rows = shape[0];
      int c = shape[1];
      size_t n = rows * c;
      if (type == 1 && rows > 30000) continue;  // shapes larger than the caches are tested in f32 only
      Array x = Array::normal(type, n, 1), dy = Array::normal(type, n, 2), slope = Array::normal(0, c, 3, .25f);
      x.set(0, 0);  // x > 0 is false at 0
      struct Run {
        Array y, dx, dslope;
      };
      auto run = [&](Backend& backend) {
        Run r{Array(type, n), Array(type, n), Array(0, c)};
        backend.prelu({type, x.data(), slope.f.data(), r.y.data(), rows, c});
        Backend::PReluBackward call{type, x.data(), slope.f.data(), dy.data(), r.dx.data(), r.dslope.f.data(), rows, c, nullptr};
        auto scratch = with_scratch(backend, call);
        backend.prelu_backward(call);
        return r;
      };
      Run expected{Array(type, 0), Array(type, 0), Array(0, 0)};
      at_reference([&](Backend& backend) { expected = run(backend); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " prelu type " + std::to_string(type) + " [" + std::to_string(rows) + "," + std::to_string(c) + "]";
        Run r = run(backend);
        // One product, rounded once more in bf16; sums of at most 4096 f32 terms per chunk.
        double tolerance = type == 0 ? 1e-7 : 4e-3;
        expect_close(r.y, expected.y, tolerance, what);
        expect_close(r.dx, expected.dx, tolerance, what + " dx");
        expect_close(r.dslope, expected.dslope, 4e-6, what + " dslope");
        int before = threads();
        set_threads(3);
        Run again = run(backend);
        Array in_place = x;
        backend.prelu({type, in_place.data(), slope.f.data(), in_place.data(), rows, c});
        set_threads(before);
        expect(again.dslope.f == r.dslope.f, what + " depends on the number of threads");
        expect_close(in_place, r.y, 0, what + " in place");
      }, rows > 30000);
    }
  return result("prelu");
}
