#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

struct Margin {
  float angular, additive, scale, spread;  // cosines lie within +-spread
};

struct Run {
  Array loss, accuracy, lse, dcosines;
  Run(int64_t b, int64_t n) : loss(0, 1), accuracy(0, 1), lse(0, b), dcosines(0, b * n) {}
};

void check_shape(int64_t b, int64_t n, const Margin& k) {
  Array cosines(0, b * n), margins(0, 2 * b);
  Random random(3);
  for (size_t i = 0; i < cosines.size(); i++) cosines.set(i, (2 * random.uniform() - 1) * k.spread);
  std::vector<int> labels(b);
  for (int64_t i = 0; i < b; i++) {
    labels[i] = static_cast<int>(i == 0 ? 0 : i == 1 ? n - 1 : random.next() % n);
    if (i % 3 == 2) cosines.set(i * n + labels[i], k.spread);  // a row classified correctly
    margins.set(2 * i, k.angular * (1 + .1f * (i % 3)));
    margins.set(2 * i + 1, k.additive);
  }
  float dloss = .5f;
  auto run = [&](Backend& backend) {
    Run r(b, n);
    Backend::MarginSoftmax m{
        cosines.f.data(), labels.data(), margins.f.data(), k.scale, r.loss.f.data(), r.accuracy.f.data(), r.lse.f.data(), b, n, nullptr};
    auto scratch = with_scratch(backend, m);
    backend.margin_softmax(m);
    backend.margin_softmax_backward({m, &dloss, r.dcosines.f.data()});
    return r;
  };
  Run expected(b, n);
  at_reference([&](Backend& backend) { expected = run(backend); });
  for_each_backend([&](Backend& backend, const std::string& name) {
    std::ostringstream what;
    what << name << " margin_softmax [" << b << "," << n << "] g " << k.angular << " a " << k.additive << " s " << k.scale << " within "
         << k.spread;
    Run r = run(backend);
    // Logits up to 64 are rounded to 4e-6 before the exponential; near cosines of +-1 the sine is a small difference.
    expect_close(r.loss, expected.loss, 2e-6, what.str() + " loss");
    expect_close(r.lse, expected.lse, 2e-6, what.str() + " lse");
    expect_close(r.dcosines, expected.dcosines, 2e-5, what.str() + " dcosines");
    expect(r.accuracy.f == expected.accuracy.f, what.str() + " accuracy");
    int before = threads();
    set_threads(3);
    expect(run(backend).loss.f == r.loss.f, what.str() + " depends on the number of threads");
    set_threads(before);
  });
}

// If the label's cosine is far above all others, f32 sums would round the loss to zero; at a cosine of 1 the gradient is finite.
void keeps_small_losses() {
  for_each_backend([](Backend& backend, const std::string& name) {
    Array cosines(0, 8), margins(0, 2), d(0, 8);
    cosines.set(7, 1);
    float loss, accuracy, lse, dloss = 1;
    int label = 7;
    Backend::MarginSoftmax m{cosines.f.data(), &label, margins.f.data(), 20, &loss, &accuracy, &lse, 1, 8, nullptr};
    auto scratch = with_scratch(backend, m);
    backend.margin_softmax(m);
    double expected = std::log1p(7 * std::exp(-20.));
    expect(std::fabs(loss - expected) < 1e-5 * expected && accuracy == 1, name + " margin_softmax: small loss " + std::to_string(loss));
    margins.set(0, .5f);
    m.scale = 64;
    backend.margin_softmax(m);
    backend.margin_softmax_backward({m, &dloss, d.f.data()});
    for (float v : d.f) expect(std::isfinite(v), name + " margin_softmax: gradient at the pole");
  });
}

// The CPU throws for a label outside the head, a GPU cannot.
void labels_beyond_the_head() {
  for (int bad : {-1, 2}) {
    Array cosines(0, 4), margins(0, 4), lse(0, 2);
    int labels[2] = {0, bad};
    float loss, accuracy;
    Backend::MarginSoftmax m{cosines.f.data(), labels, margins.f.data(), 64, &loss, &accuracy, lse.f.data(), 2, 2, nullptr};
    auto scratch = with_scratch(cpu(), m);
    expect_refusal([&] { cpu().margin_softmax(m); }, std::to_string(bad));
    on_cuda([&](Backend& backend, const std::string& name) {
      auto scratch = with_scratch(backend, m);
      backend.margin_softmax(m);
      expect(std::isnan(loss), name + " margin_softmax: the loss with label " + std::to_string(bad));
    });
  }
}

}  // namespace

int test_margin_softmax() {
  for (auto& s : shapes())
    for (const Margin& k : {Margin{0, 0, 1, 1}, Margin{0, .35f, 64, .5f}, Margin{0, 0, 1, 9}, Margin{.5f, 0, 64, .5f}, Margin{.5f, 0, 64, .999f},
                            Margin{-.3f, .4f, 30, .999f}, Margin{.2f, .3f, 64, .99f}})
      check_shape(s[0], s[1], k);
  keeps_small_losses();
  labels_beyond_the_head();
  return result("margin_softmax");
}
