#include "kernels/matmul/matmul.h"

#include "common/testing_primitive.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_matmul() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++)
      for (int transposed = 0; transposed < 4; transposed++)
        for (float scale : {1.f, .17677669f}) {
          int b = shape[0], m = shape[1], n = shape[2], k = shape[3];
          bool ta = transposed & 1, tb = transposed & 2;
          std::string what = "matmul type " + std::to_string(type) + " shape " + std::to_string(b) + " " + std::to_string(m) + " " +
                             std::to_string(n) + " " + std::to_string(k) + " transposed " + std::to_string(transposed);
          Array a = Array::normal(type, static_cast<size_t>(b) * m * k, 1), c = Array::normal(type, static_cast<size_t>(b) * k * n, 2);
          Array y(type, static_cast<size_t>(b) * m * n), expected(0, y.size());
          auto make = [&] { return matmul(type, b, m, n, k, ta, tb, scale); };
          run(make, {&a, &c, nullptr, nullptr, &y}, false, what);
          reference::matmul(b, m, n, k, ta, tb, scale, floats(a).data(), floats(c).data(), expected.f.data());
          expect_close(y, expected, type == 0 ? 4e-6 : 8e-3, what);
          a = repeated(a, a.size() / b, b);
          c = repeated(c, c.size() / b, b);
          run(make, {&a, &c, nullptr, nullptr, &y}, false, what);
          expect(same_bits(y, repeated(y, y.size() / b, b)), what + " depends on the position in the batch");
        }
  return result("matmul");
}
