#include "kernels/fold/fold.h"

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_fold() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      Window w{s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]};
      Array columns = Array::normal(0, w.pixels() * w.taps(), 1);
      size_t n = static_cast<size_t>(w.batch) * w.height * w.width * w.channels;
      Array x(type, n), expected(0, n);
      reference::fold(0, w, columns.f.data(), expected.f.data());
      for_each_level([&](const std::string& level) {
        FIZZY_SELECT(fold)(type, w, columns.f.data(), x.data());
        expect_close(x, expected, type == 0 ? 1e-6 : 4e-3,
                     level + " fold type " + std::to_string(type) + " k " + std::to_string(w.k) + " channels " + std::to_string(w.channels));
      });
    }
  return result("fold");
}
