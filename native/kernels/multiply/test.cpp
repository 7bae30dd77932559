#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_multiply() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t batch = s[0], p = s[1], q = s[2];
      int c = s[3];
      size_t na = batch * p * c, nb = batch * q * c;
      Array a = Array::normal(type, na, 1), b = Array::normal(type, nb, 2), dy = Array::normal(type, na, 3);
      struct Run {
        Array y, da, db;
      };
      auto run = [&](Backend& backend) {
        Run r{Array(type, na), Array(type, na), Array(type, nb)};
        Backend::Multiply call{type, a.data(), b.data(), r.y.data(), batch, p, q, c};
        backend.multiply(call);
        backend.multiply_backward({call, dy.data(), r.da.data(), r.db.data()});
        return r;
      };
      Run expected{Array(type, 0), Array(type, 0), Array(type, 0)};
      at_reference([&](Backend& backend) { expected = run(backend); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " multiply type " + std::to_string(type);
        for (int v : s) (what += ' ') += std::to_string(v);
        Run r = run(backend);
        // One product, rounded once more in bf16; sums of up to 1000 products in f32.
        double tolerance = type == 0 ? 1e-7 : 4e-3;
        expect_close(r.y, expected.y, tolerance, what);
        expect_close(r.da, expected.da, tolerance, what + " da");
        expect_close(r.db, expected.db, type == 0 ? 4e-6 : 4e-3, what + " db");
        Array in_place = a;
        backend.multiply({type, in_place.data(), b.data(), in_place.data(), batch, p, q, c});
        expect_close(in_place, r.y, 0, what + " in place");
      });
    }
  float x[6] = {};
  expect_refusal([&] { cpu().multiply({0, x, x, x, 1, 6, 2, 1}); }, "multiply: [1,6,1] times [1,2,1]");
  return result("multiply");
}
