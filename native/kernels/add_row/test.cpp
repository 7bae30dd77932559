#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_add_row() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int rows = shape[0], columns = shape[1], count = shape[2], row = count - 1;
      Array x = Array::normal(type, rows * columns, 1), table = Array::normal(type, count * columns, 2);
      for (int i = 0; i < (count - 1) * columns; i++) table.set(i, NAN);  // rows that are not chosen are not read
      Array y(type, x.size()), expected(type, x.size());
      at_reference([&](Backend& backend) { backend.add_row({type, x.data(), table.data(), &row, expected.data(), rows, columns, count}); });
      expect(std::isfinite(expected.get(0)), "add_row: the last row");
      for_each_backend([&](Backend& backend, const std::string& name) {
        backend.add_row({type, x.data(), table.data(), &row, y.data(), rows, columns, count});
        expect_close(y, expected, 0,
                     name + " add_row type " + std::to_string(type) + " " + std::to_string(rows) + "x" + std::to_string(columns));
      });
    }
  int row = 2;
  float x = 0, table[2] = {};
  expect_refusal([&] { cpu().add_row({0, &x, table, &row, &x, 1, 1, 2}); }, "row 2 of 2");
  return result("add_row");
}
