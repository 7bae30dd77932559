#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_broadcast() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int rows = shape[0], columns = shape[1];
      Array x = Array::normal(0, columns, 1), y(type, size_t(rows) * columns), expected(type, size_t(rows) * columns);
      at_reference([&](Backend& backend) { backend.broadcast({type, x.f.data(), expected.data(), rows, columns}); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        backend.broadcast({type, x.f.data(), y.data(), rows, columns});
        expect_close(y, expected, 0,
                     name + " broadcast type " + std::to_string(type) + " " + std::to_string(rows) + "x" + std::to_string(columns));
      });
    }
  return result("broadcast");
}
