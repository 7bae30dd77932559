#include "common/testing_primitive.h"
#include "kernels/matmul/matmul.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_linear() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int m = shape[0], n = shape[1], k = shape[2];
      size_t nx = static_cast<size_t>(m) * k, ny = static_cast<size_t>(m) * n, nw = static_cast<size_t>(n) * k;
      std::string what =
          "linear type " + std::to_string(type) + " shape " + std::to_string(m) + " " + std::to_string(n) + " " + std::to_string(k);
      double tolerance = type == 0 ? 4e-6 : 8e-3;
      Array x = Array::normal(type, nx, 1), w = Array::normal(0, nw, 2), bias = Array::normal(0, n, 3);
      Array residual = Array::normal(type, ny, 4), dy = Array::normal(type, ny, 5);
      Array y(type, ny), dx(type, nx), dw(0, nw), db(0, n), product(0, ny), expected_dx(0, nx), expected_dw(0, nw), expected_db(0, n);

      reference::matmul(1, m, n, k, false, true, 1, floats(x).data(), w.f.data(), product.f.data());
      for (bool add : {false, true}) {
        Array unpacked(type, ny);
        for (bool packed : {false, true}) {
          Array expected = product;
          for (size_t i = 0; add && i < ny; i++) expected.f[i] += bias.f[i % n] + residual.get(i);
          run([&] { return linear(type, m, n, k, add, add, packed); }, {&x, &w, add ? &bias : nullptr, add ? &residual : nullptr, &y}, false,
              what);
          expect_close(y, expected, tolerance, what + (packed ? " packed" : "") + (add ? " bias residual" : ""));
          if (!packed) unpacked = y;
          else expect(same_bits(unpacked, y), what + " has other bits with packed weights");
        }
      }
      run([&] { return linear_backward_data(type, m, n, k); }, {&dy, &w, nullptr, nullptr, &dx}, true, what + " backward data");
      reference::matmul(1, m, k, n, false, false, 1, floats(dy).data(), w.f.data(), expected_dx.f.data());
      expect_close(dx, expected_dx, tolerance, what + " backward data");

      run([&] { return linear_backward_weights(type, m, n, k, true); }, {&x, &dy, nullptr, nullptr, &dw, &db}, true, what + " backward weights");
      reference::matmul(1, n, k, m, true, false, 1, floats(dy).data(), floats(x).data(), expected_dw.f.data());
      std::vector<float> ones(m, 1);
      reference::matmul(1, 1, n, m, false, false, 1, ones.data(), floats(dy).data(), expected_db.f.data());
      expect_close(dw, expected_dw, 4e-6, what + " weight gradient");
      expect_close(db, expected_db, 4e-6, what + " bias gradient");

      auto any = [&](int rows) { return linear(type, rows, n, k, true, false, true); };
      expect_same_in_any_batch(any, {&x, &w, &bias, nullptr, &y}, m, {1, m, 33 * m}, what);
    }
  return result("linear");
}
