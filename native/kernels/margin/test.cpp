#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

constexpr int PURPOSE = 12;

static void elastic(Backend& backend, const std::string& name, int b) {
  int random[4] = {1, 2, 3, 0};
  std::vector<int> rows;
  for (int i = 0; i < b; i++) rows.insert(rows.end(), {i * 31, 5});
  std::vector<float> margins(2 * b), normals(b), fixed(2 * b);
  backend.noise({rows.data(), random, PURPOSE, normals.data(), b, 1});
  backend.margin_elastic({rows.data(), random, PURPOSE, .5f, 0, .0125f, margins.data(), b});
  backend.margin_elastic({nullptr, nullptr, PURPOSE, 0, .35f, 0, fixed.data(), b});
  for (int i = 0; i < b; i++) {
    expect(std::fabs(margins[2 * i] - (.5f + .0125f * normals[i])) < 1e-7 && margins[2 * i + 1] == 0, name + " margin: elastic, angular");
    expect(fixed[2 * i] == 0 && fixed[2 * i + 1] == .35f, name + " margin: fixed, additive");
  }
}

// Three steps as the published code computes them.
static void adaptive(Backend& backend, const std::string& name, int b) {
  Random random(5);
  double batch_mean = 20, batch_std = 100;
  float mean = 20, deviation = 100;
  for (int step = 0; step < 3; step++) {
    std::vector<float> norms(b), margins(2 * b);
    for (float& n : norms) n = 25 + 6 * random.normal();
    norms[0] = 1e-5f;  // below the clip
    norms[1] = 400;    // above it
    backend.margin_adaptive({norms.data(), &mean, &deviation, .4f, .333f, .01f, margins.data(), b});
    std::vector<double> safe;
    for (float n : norms) safe.push_back(n < .001 ? .001 : n > 100 ? 100 : n);
    double m = 0, s = 0;
    for (double n : safe) m += n / b;
    for (double n : safe) s += (n - m) * (n - m) / (b - 1);
    batch_mean = m * .01 + (1 - .01) * batch_mean;
    batch_std = std::sqrt(s) * .01 + (1 - .01) * batch_std;
    expect(std::fabs(mean - batch_mean) < 1e-5 * batch_mean && std::fabs(deviation - batch_std) < 1e-5 * batch_std,
           name + " margin: statistics");
    for (int i = 0; i < b; i++) {
      double scaler = (safe[i] - batch_mean) / (batch_std + 1e-3) * .333;
      scaler = scaler < -1 ? -1 : scaler > 1 ? 1 : scaler;
      expect(std::fabs(margins[2 * i] + .4 * scaler) < 1e-6 && std::fabs(margins[2 * i + 1] - (.4 + .4 * scaler)) < 1e-6,
             name + " margin: adaptive");
    }
  }
}

int test_margin() {
  for (auto& shape : shapes()) {
    auto all = [&](Backend& backend, const std::string& name) {
      elastic(backend, name, shape[0]);
      adaptive(backend, name, shape[0]);
    };
    at_reference([&](Backend& backend) { all(backend, "reference"); });
    for_each_backend(all);
  }
  float margins[2];
  expect_refusal([&] { cpu().margin_elastic({nullptr, nullptr, PURPOSE, .5f, 0, .1f, margins, 1}); }, "needs rows and random");
  return result("margin");
}
