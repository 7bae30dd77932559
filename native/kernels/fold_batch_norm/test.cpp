// The folded layer on random input against norm, layer and norm one after the other.
#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

struct Norm {
  Array gamma, beta, mean, variance;
  Norm(int c, int seed)
      : gamma(Array::normal(0, c, seed)), beta(Array::normal(0, c, seed + 1)), mean(Array::normal(0, c, seed + 2)),
        variance(Array::normal(0, c, seed + 3)) {
    for (float& v : variance.f) v = v * v + .1f;
  }
  double operator()(int c, double x) const {
    return gamma.f[c] * (x - mean.f[c]) / std::sqrt(static_cast<double>(variance.f[c]) + 1e-5f) + beta.f[c];
  }
};

int main() {
  for (auto& shape : shapes())
    for (int which = 0; which < 8; which++) {
      int n = shape[0], c = shape[1], s = shape[2];
      bool before = which & 1, after = which & 2, biased = which & 4;
      Array w = Array::normal(0, n * c * s, 1), bias = Array::normal(0, n, 2), x = Array::normal(0, c * s, 3), folded(0, n * c * s), shift(0, n);
      Norm b(c, 10), a(n, 20);
      auto if_so = [](bool wanted, const Array& v) { return wanted ? v.f.data() : nullptr; };
      fold_batch_norm(w.f.data(), if_so(biased, bias), if_so(before, b.gamma), if_so(before, b.beta), if_so(before, b.mean),
                      if_so(before, b.variance), if_so(after, a.gamma), if_so(after, a.beta), if_so(after, a.mean), if_so(after, a.variance),
                      folded.f.data(), shift.f.data(), n, c, s, 1e-5f);
      Array y(0, n), expected(0, n);
      for (int i = 0; i < n; i++) {
        double sum = shift.f[i], plain = biased ? bias.f[i] : 0;
        for (int k = 0; k < c * s; k++) {
          sum += static_cast<double>(folded.f[i * c * s + k]) * x.f[k];
          plain += w.f[i * c * s + k] * (before ? b(k / s, x.f[k]) : x.f[k]);
        }
        y.f[i] = static_cast<float>(sum);
        expected.f[i] = static_cast<float>(after ? a(i, plain) : plain);
      }
      expect_close(
          y, expected, 2e-6,
          "fold_batch_norm " + std::to_string(n) + " " + std::to_string(c) + " " + std::to_string(s) + " case " + std::to_string(which));
    }
  return result("fold_batch_norm");
}
