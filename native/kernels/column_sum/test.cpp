#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t rows = shape[0], columns = shape[1];
      Array x = Array::normal(type, rows * columns, 1), y(0, columns), one(0, columns), expected(0, columns);
      Array scratch(0, column_sum_scratch(rows, columns) / sizeof(float));
      at_reference([&] { column_sum(type, x.data(), expected.f.data(), scratch.data(), rows, columns); });
      for_each_level([&](const std::string& level) {
        std::string what =
            level + " column_sum type " + std::to_string(type) + " rows " + std::to_string(rows) + " columns " + std::to_string(columns);
        int before = threads();
        column_sum(type, x.data(), y.f.data(), scratch.data(), rows, columns);
        set_threads(1);
        column_sum(type, x.data(), one.f.data(), scratch.data(), rows, columns);
        set_threads(before);
        expect_close(y, expected, 4e-6, what);  // the sum is of f32, in chains of 128
        expect(std::memcmp(y.data(), one.data(), columns * 4) == 0, what + " depends on the number of threads");
      });
    }
  return result("column_sum");
}
