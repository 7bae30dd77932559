#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_max_pool() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      int b = s[0], h = s[1], w = s[2], c = s[3], oh = s[8], ow = s[9];
      size_t nx = size_t(b) * h * w * c, ny = size_t(b) * oh * ow * c;
      Array x(type, nx), dy = Array::normal(type, ny, 2), y(type, ny), dx(type, nx), expected_y(type, ny), expected_dx(type, nx);
      // Mostly negative: fails if the maximum includes a padding of 0. Few values, so that many windows have several largest pixels.
      Random random(1);
      for (size_t i = 0; i < nx; i++) x.set(i, static_cast<float>(random.next() % 8) - 7);
      Backend::MaxPool shape{type, x.data(), nullptr, b, h, w, c, s[4], s[5], s[6], s[7], oh, ow};
      auto run = [&](Backend& backend, Array& forward, Array& backward) {
        Backend::MaxPool call = shape;
        call.y = forward.data();
        backend.max_pool(call);
        backend.max_pool_backward({shape, dy.data(), backward.data()});
      };
      at_reference([&](Backend& backend) { run(backend, expected_y, expected_dx); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " max_pool type " + std::to_string(type);
        for (int v : s) (what += ' ') += std::to_string(v);
        run(backend, y, dx);
        expect_close(y, expected_y, 0, what);
        // Sums of at most nine gradients, rounded once more in bf16.
        expect_close(dx, expected_dx, type == 0 ? 1e-6 : 4e-3, what + " backward");
      });
    }
  float x[9] = {}, y[9];
  struct Windows {
    int k, stride, oh;
  };
  for (Windows f : {Windows{2, 2, 3}, {2, 0, 1}, {0, 1, 1}})
    expect_refusal([&] { cpu().max_pool({0, x, y, 1, 3, 3, 1, f.k, f.stride, 0, 0, f.oh, f.oh}); }, "windows of");
  return result("max_pool");
}
