// Compares the folded layer, and the reference's, on random input with norm, layer and norm in sequence.
#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {
struct Norm {
  Array gamma, beta, mean, variance;
  Norm(int c, int seed)
      : gamma(Array::normal(0, c, seed)), beta(Array::normal(0, c, seed + 1)), mean(Array::normal(0, c, seed + 2)),
        variance(Array::normal(0, c, seed + 3)) {
    for (float& v : variance.f) v = v * v + .1f;
  }
  Backend::FoldedNorm call(bool wanted) const {
    return wanted ? Backend::FoldedNorm{gamma.f.data(), beta.f.data(), mean.f.data(), variance.f.data()} : Backend::FoldedNorm{};
  }
  double operator()(int c, double x) const {
    return gamma.f[c] * (x - mean.f[c]) / std::sqrt(static_cast<double>(variance.f[c]) + 1e-5f) + beta.f[c];
  }
};
}  // namespace

int test_fold_batch_norm() {
  for (auto& shape : shapes())
    for (int which = 0; which < 8; which++) {
      int n = shape[0], c = shape[1], s = shape[2];
      bool before = which & 1, after = which & 2, biased = which & 4;
      Array w = Array::normal(0, n * c * s, 1), bias = Array::normal(0, n, 2), x = Array::normal(0, c * s, 3), folded(0, n * c * s), shift(0, n);
      Norm b(c, 10), a(n, 20);
      auto run = [&](Backend& backend, const std::string& name) {
        backend.fold_batch_norm(
            {w.f.data(), biased ? bias.f.data() : nullptr, b.call(before), a.call(after), folded.f.data(), shift.f.data(), n, c, s, 1e-5f});
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
        std::ostringstream what;
        what << name << " fold_batch_norm " << n << " " << c << " " << s << " case " << which;
        expect_close(y, expected, 2e-6, what.str());
      };
      at_reference([&](Backend& backend) { run(backend, "reference"); });
      for_each_backend(run);
    }
  return result("fold_batch_norm");
}
