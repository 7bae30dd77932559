#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_l2_normalize() {
  for (auto& shape : shapes())
    for (float scale : {1.f, 1e-25f, 1e25f}) {  // squares of the last two overflow or underflow f32
      int64_t rows = shape[0];
      int c = shape[1];
      Array x = Array::normal(0, rows * c, 1, scale), dy = Array::normal(0, rows * c, 2);
      bool zeros = scale == 1;  // a last row of zeros stays zero
      for (int i = 0; i < c && zeros; i++) x.set((rows - 1) * c + i, 0);
      struct Run {
        Array y, norm, dx;
      };
      auto run = [&](Backend& backend) {
        Run r{Array(0, rows * c), Array(0, rows), Array(0, rows * c)};
        backend.l2_normalize({x.f.data(), r.y.f.data(), r.norm.f.data(), rows, c});
        for (int i = 0; i < c && zeros; i++) expect(r.y.get((rows - 1) * c + i) == 0, "l2_normalize: a row of zeros did not stay zero");
        // The gradient of a row of zeros is 1e12 times that of the others.
        backend.l2_normalize_backward({r.y.f.data(), r.norm.f.data(), dy.f.data(), r.dx.f.data(), rows - (zeros && rows > 1), c});
        return r;
      };
      Run expected{Array(0, 0), Array(0, 0), Array(0, 0)};
      at_reference([&](Backend& backend) { expected = run(backend); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::ostringstream what;
        what << name << " l2_normalize [" << rows << "," << c << "] scale " << scale;
        Run r = run(backend);
        expect_close(r.y, expected.y, 3e-7, what.str());
        expect_close(r.norm, expected.norm, 1e-7, what.str() + " norm");
        expect_close(r.dx, expected.dx, 1e-6, what.str() + " dx");
      });
    }
  return result("l2_normalize");
}
