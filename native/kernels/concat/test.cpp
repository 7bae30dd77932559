#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_concat() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int rows = s[0], left = s[1], right = s[2], width = left + right;
      Array a = Array::normal(type, rows * left, 1), b = Array::normal(type, rows * right, 2), y(type, rows * width), zeros(type, rows * width);
      Array expected(type, rows * width), expected_zeros(type, rows * width), a_back(type, a.size()), b_back(type, b.size());
      at_reference([&](Backend& backend) {
        backend.concat({type, a.data(), b.data(), expected.data(), rows, left, right});
        backend.concat({type, nullptr, b.data(), expected_zeros.data(), rows, left, right});
      });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " concat type " + std::to_string(type) + " rows " + std::to_string(rows) + " columns " + std::to_string(left) +
                           " and " + std::to_string(right);
        backend.concat({type, a.data(), b.data(), y.data(), rows, left, right});
        expect_close(y, expected, 0, what);
        backend.concat({type, nullptr, b.data(), zeros.data(), rows, left, right});
        expect_close(zeros, expected_zeros, 0, what + " with zeros");
        backend.split({type, y.data(), a_back.data(), nullptr, rows, left, right});
        backend.split({type, y.data(), nullptr, b_back.data(), rows, left, right});
        expect_close(a_back, a, 0, what + " split a");
        expect_close(b_back, b, 0, what + " split b");
      });
      at_reference([&](Backend& backend) { backend.split({type, y.data(), a_back.data(), b_back.data(), rows, left, right}); });
      expect_close(a_back, a, 0, "the reference's split a");
      expect_close(b_back, b, 0, "the reference's split b");
    }
  return result("concat");
}
