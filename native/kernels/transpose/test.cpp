#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int b = s[0], r = s[1], c = s[2];
      Array x = Array::normal(type, b * r * c, 1), y(type, x.size()), expected(type, x.size());
      for (int i = 0; i < b; i++)
        for (int row = 0; row < r; row++)
          for (int column = 0; column < c; column++) expected.set((i * c + column) * r + row, x.get((i * r + row) * c + column));
      transpose(type, x.data(), y.data(), b, r, c);
      expect_close(y, expected, 0,
                   "transpose type " + std::to_string(type) + " " + std::to_string(b) + "x" + std::to_string(r) + "x" + std::to_string(c));
    }
  return result("transpose");
}
