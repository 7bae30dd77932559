#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int rows = s[0], left = s[1], right = s[2], width = left + right;
      std::string what = "concat type " + std::to_string(type) + " rows " + std::to_string(rows) + " columns " + std::to_string(left) + " and " +
                         std::to_string(right);
      Array a = Array::normal(type, rows * left, 1), b = Array::normal(type, rows * right, 2), y(type, rows * width), zeros(type, rows * width);
      Array expected(type, rows * width), expected_zeros(type, rows * width), a_back(type, a.size()), b_back(type, b.size());
      for (int r = 0; r < rows; r++)
        for (int i = 0; i < width; i++) {
          expected.set(r * width + i, i < left ? a.get(r * left + i) : b.get(r * right + i - left));
          if (i >= left) expected_zeros.set(r * width + i, b.get(r * right + i - left));
          zeros.set(r * width + i, 1);
        }
      concat(type, a.data(), b.data(), y.data(), rows, left, right);
      expect_close(y, expected, 0, what);
      concat(type, nullptr, b.data(), zeros.data(), rows, left, right);
      expect_close(zeros, expected_zeros, 0, what + " with zeros");
      split(type, y.data(), a_back.data(), nullptr, rows, left, right);
      split(type, y.data(), nullptr, b_back.data(), rows, left, right);
      expect_close(a_back, a, 0, what + " split a");
      expect_close(b_back, b, 0, what + " split b");
    }
  return result("concat");
}
