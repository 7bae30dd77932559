#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_column_sum() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t rows = shape[0], columns = shape[1];
      Array x = Array::normal(type, rows * columns, 1), y(0, columns), one(0, columns), expected(0, columns);
      auto run = [&](Backend& backend, Array& sums) {
        Backend::ColumnSum call{type, x.data(), sums.f.data(), rows, columns, nullptr};
        auto scratch = with_scratch(backend, call);
        backend.column_sum(call);
      };
      at_reference([&](Backend& backend) { run(backend, expected); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what =
            name + " column_sum type " + std::to_string(type) + " rows " + std::to_string(rows) + " columns " + std::to_string(columns);
        int before = threads();
        run(backend, y);
        set_threads(1);
        run(backend, one);
        set_threads(before);
        expect_close(y, expected, 4e-6, what);  // f32 sums of 128 terms each
        expect(std::memcmp(y.data(), one.data(), columns * 4) == 0, what + " depends on the number of threads");
      });
    }
  return result("column_sum");
}
