#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_q_sample() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++)
      for (bool velocity : {false, true}) {
        int batch = shape[0], n = shape[1], random[4] = {9, 8, 7, 0};
        Array x0 = Array::normal(0, batch * n, 1), xt(type, batch * n), target(0, batch * n);
        Array expected_xt(type, batch * n), expected_target(0, batch * n), eps(0, batch * n), first(0, 0);
        std::vector<float> alpha, sigma;
        std::vector<int> rows;
        for (int b = 0; b < batch; b++) {
          double angle = .1 + 1.3 * b / batch;
          alpha.push_back(static_cast<float>(std::cos(angle)));
          sigma.push_back(static_cast<float>(std::sin(angle)));
          rows.insert(rows.end(), {100 + b, 0});
        }
        auto run = [&](Backend& backend, Array& noisy, Array& wanted) {
          backend.q_sample(
              {type, velocity, x0.f.data(), alpha.data(), sigma.data(), rows.data(), random, 8, noisy.data(), wanted.f.data(), batch, n});
        };
        at_reference([&](Backend& backend) { run(backend, expected_xt, expected_target); });
        cpu().noise({rows.data(), random, 8, eps.f.data(), batch, n});
        for_each_backend([&](Backend& backend, const std::string& name) {
          run(backend, xt, target);
          std::string what = name + " q_sample type " + std::to_string(type) + " velocity " + std::to_string(velocity) + " " +
                             std::to_string(batch) + " " + std::to_string(n);
          // Two roundings of values below 8 in f32, one rounding in bf16.
          expect_close(xt, expected_xt, type == 0 ? 1e-6 : 8e-3, what + " xt");
          expect_close(target, expected_target, 1e-6, what + " target");
          if (!velocity) expect(target.f == eps.f, what + " target is not the noise");
          if (first.f.empty()) first = target;
          expect(first.f == target.f, what + " differs in bits between backends");
        });
      }
  return result("q_sample");
}
