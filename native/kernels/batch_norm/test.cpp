#include <memory>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

enum After { NOTHING, PRELU, RESIDUAL };

struct Case {
  int type;
  int64_t rows;
  int c;
  After after;
  float offset;

  std::string text() const {
    std::ostringstream s;
    s << "batch_norm type " << type << " [" << rows << "," << c << "] then " << after << " offset " << offset;
    return s.str();
  }
};

struct Run {
  float offset;
  Array y, inferred, mean, rstd, running_mean, running_variance, dx, dgamma, dbeta, dslope;

  Run(Backend& backend, const Case& k)
      : offset(k.offset), y(k.type, k.rows * k.c), inferred(y), mean(0, k.c), rstd(0, k.c), running_mean(Array::normal(0, k.c, 7)),
        running_variance(0, k.c), dx(k.type, k.rows * k.c), dgamma(0, k.c), dbeta(0, k.c), dslope(0, k.c) {
    Array x = Array::normal(k.type, k.rows * k.c, 1), dy = Array::normal(k.type, k.rows * k.c, 2);
    Array residual = Array::normal(k.type, k.rows * k.c, 6);
    for (size_t i = 0; i < x.size(); i++) x.set(i, x.get(i) + k.offset);
    for (int i = 0; i < k.c; i++) running_variance.set(i, 1 + .1f * (i % 7));
    Array gamma = Array::normal(0, k.c, 3), beta = Array::normal(0, k.c, 4), slope = Array::normal(0, k.c, 5, .25f);
    Array m(0, k.c), r(0, k.c);
    Backend::BatchNorm n{k.type,
                         false,
                         x.data(),
                         gamma.f.data(),
                         beta.f.data(),
                         k.after == PRELU ? slope.f.data() : nullptr,
                         k.after == RESIDUAL ? residual.data() : nullptr,
                         inferred.data(),
                         m.f.data(),
                         r.f.data(),
                         running_mean.f.data(),
                         running_variance.f.data(),
                         k.rows,
                         k.c,
                         1e-5f,
                         .1f,
                         nullptr};
    auto scratch = with_scratch(backend, n);
    backend.batch_norm(n);
    n.training = true;
    n.y = y.data();
    n.mean = mean.f.data();
    n.rstd = rstd.f.data();
    backend.batch_norm(n);
    n.residual = nullptr;
    Backend::BatchNormBackward call{n, dy.data(), dx.data(), dgamma.f.data(), dbeta.f.data(), dslope.f.data()};
    auto other_scratch = with_scratch(backend, call);
    backend.batch_norm_backward(call);
  }

  void expect(const Run& expected, double tolerance, double gradient, double sums, const std::string& what) const {
    expect_close(y, expected.y, tolerance, what + " y");
    expect_close(inferred, expected.inferred, tolerance, what + " inferred");
    double worst = 0;
    for (size_t i = 0; i < mean.size(); i++) worst = std::fmax(worst, std::fabs(mean.get(i) - expected.mean.get(i)));
    // The standard deviation is 1; a chunk sums up to 512 differences of a few standard deviations in f32.
    testing::expect(worst <= 2e-6 + 5e-7 * std::fabs(offset), what + " mean");
    expect_close(rstd, expected.rstd, 1e-6, what + " rstd");
    expect_close(running_mean, expected.running_mean, 1e-6, what + " running mean");
    expect_close(running_variance, expected.running_variance, 1e-6, what + " running variance");
    expect_close(dx, expected.dx, gradient, what + " dx");
    expect_close(dgamma, expected.dgamma, sums, what + " dgamma");
    expect_close(dbeta, expected.dbeta, sums, what + " dbeta");
    expect_close(dslope, expected.dslope, sums, what + " dslope");
  }
};

void check_case(const Case& k) {
  std::unique_ptr<Run> expected;
  at_reference([&](Backend& backend) { expected = std::make_unique<Run>(backend, k); });
  auto check = [&](Backend& backend, const std::string& name) {
    Run run(backend, k);
    // f32: rounding of x - mean, at most 6e-8 of the mean, and a few more roundings; bf16: one rounding of the result.
    double offset = 2e-7 * std::fabs(k.offset), tolerance = (k.type == 0 ? 3e-6 : 8e-3) + offset;
    // With two rows the gradient is a small difference of large numbers: three terms of size 1, which the GPU's kernel rounds to 6e-8 each,
    // leave eps rstd^2 / 2 = 5e-4.
    double two_rows = k.type == 1 ? 2e-2 : backend.emulated() ? 4e-4 : 1e-4, gradient = k.rows > 2 ? tolerance : two_rows;
    run.expect(*expected, tolerance, gradient, 4e-6 + offset, name + " " + k.text());
    if (k.rows > 2000) return;
    int before = threads();
    set_threads(3);
    Run(backend, k).expect(run, 0, 0, 0, name + " " + k.text() + " on 3 threads");
    set_threads(before);
  };
  for_each_backend(check, k.rows * k.c > 50000);
}

}  // namespace

int test_batch_norm() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++)
      for (After after : {NOTHING, PRELU, RESIDUAL})
        if (s[0] < 30000 || (after == PRELU && type == 0)) check_case({type, s[0], s[1], after, 0});
  check_case({0, 2048, 64, NOTHING, 100});  // a mean of a hundred standard deviations
  check_case({0, 2048, 64, RESIDUAL, 100});
  return result("batch_norm");
}
