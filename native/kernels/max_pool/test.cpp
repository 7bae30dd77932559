#include "common/testing.h"
#include "kernels/max_pool/max_pool.h"

using namespace fizzy;
using namespace fizzy::testing;

int main() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int b = s[0], h = s[1], w = s[2], c = s[3], k = s[4], stride = s[5];
      bool ceil = s[6];
      size_t n = size_t(b) * max_pool_extent(h, k, stride, ceil) * max_pool_extent(w, k, stride, ceil) * c;
      constexpr int FENCE = 64;
      Array x = Array::normal(type, size_t(b) * h * w * c, 1), expected(type, n + FENCE), y(type, n + FENCE);
      for (size_t i = 0; i < x.size(); i++) x.set(i, x.get(i) - 3);  // mostly negative: fails if the maximum includes a padding of 0
      at_reference([&](Backend& backend) { backend.max_pool({type, x.data(), expected.data(), b, h, w, c, k, stride, ceil}); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " max_pool type " + std::to_string(type);
        for (int v : s) (what += ' ') += std::to_string(v);
        y = Array(type, n + FENCE);
        backend.max_pool({type, x.data(), y.data(), b, h, w, c, k, stride, ceil});
        expect_close(y, expected, 0, what);  // the guard elements behind y are zero in both
      });
    }
  float x[9] = {}, y[9];
  for (auto [k, stride] : {std::pair{4, 2}, {2, 0}, {0, 1}})
    expect_refusal([&, k = k, stride = stride] { cpu().max_pool({0, x, y, 1, 3, 3, 1, k, stride, true}); }, "max_pool: windows of");
  return result("max_pool");
}
