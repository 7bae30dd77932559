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
    if (i % 3 == 2) cosines.set(i * n + labels[i], k.spread);  // a row that is right
    margins.set(2 * i, k.angular * (1 + .1f * (i % 3)));
    margins.set(2 * i + 1, k.additive);
  }
  float dloss = .5f;
  auto run = [&] {
    Run r(b, n);
    std::vector<char> scratch(margin_softmax_scratch(b));
    margin_softmax(cosines.f.data(), labels.data(), margins.f.data(), k.scale, r.loss.f.data(), r.accuracy.f.data(), r.lse.f.data(), b, n,
                   scratch.data());
    margin_softmax_backward(cosines.f.data(), labels.data(), margins.f.data(), k.scale, r.lse.f.data(), &dloss, r.dcosines.f.data(), b, n);
    return r;
  };
  Run expected(b, n);
  at_reference([&] { expected = run(); });
  for_each_level([&](const std::string& level) {
    std::ostringstream what;
    what << level << " margin_softmax [" << b << "," << n << "] g " << k.angular << " a " << k.additive << " s " << k.scale << " within "
         << k.spread;
    Run r = run();
    // Logits up to 64 are rounded to 4e-6 before the exponential; beside the poles the sine is a difference.
    expect_close(r.loss, expected.loss, 2e-6, what.str() + " loss");
    expect_close(r.lse, expected.lse, 2e-6, what.str() + " lse");
    expect_close(r.dcosines, expected.dcosines, 2e-5, what.str() + " dcosines");
    expect(r.accuracy.f == expected.accuracy.f, what.str() + " accuracy");
    int before = threads();
    set_threads(3);
    expect(run().loss.f == r.loss.f, what.str() + " depends on the number of threads");
    set_threads(before);
  });
}

// A label far ahead of all others has a loss that f32 sums would round away; one at the pole, a finite gradient.
void keeps_small_losses() {
  for_each_level([](const std::string& level) {
    float cosines[8] = {0, 0, 0, 0, 0, 0, 0, 1}, margins[2] = {0, 0}, loss, accuracy, lse, dloss = 1, d[8];
    int label = 7;
    std::vector<char> scratch(margin_softmax_scratch(1));
    margin_softmax(cosines, &label, margins, 20, &loss, &accuracy, &lse, 1, 8, scratch.data());
    double expected = std::log1p(7 * std::exp(-20 * (1 - 1e-6)));
    expect(std::fabs(loss - expected) < 1e-5 * expected && accuracy == 1, level + " margin_softmax: small loss " + std::to_string(loss));
    margins[0] = .5f;
    margin_softmax(cosines, &label, margins, 64, &loss, &accuracy, &lse, 1, 8, scratch.data());
    margin_softmax_backward(cosines, &label, margins, 64, &lse, &dloss, d, 1, 8);
    for (float v : d) expect(std::isfinite(v), level + " margin_softmax: gradient at the pole");
  });
}

void refuses_labels_beyond_the_head() {
  float cosines[4] = {}, margins[4] = {}, loss, accuracy, lse[2];
  std::vector<char> scratch(margin_softmax_scratch(2));
  for (int bad : {-1, 2}) {
    int labels[2] = {0, bad};
    try {
      margin_softmax(cosines, labels, margins, 64, &loss, &accuracy, lse, 2, 2, scratch.data());
      expect(false, "margin_softmax took label " + std::to_string(bad));
    } catch (const std::invalid_argument& e) {
      expect(std::string(e.what()).find(std::to_string(bad)) != std::string::npos, e.what());
    }
  }
}

}  // namespace

int main() {
  for (auto& s : shapes())
    for (const Margin& k : {Margin{0, 0, 1, 1}, Margin{0, .35f, 64, .5f}, Margin{.5f, 0, 64, .5f}, Margin{.5f, 0, 64, .999f},
                            Margin{-.3f, .4f, 30, .999f}, Margin{.2f, .3f, 64, .99f}})
      check_shape(s[0], s[1], k);
  keeps_small_losses();
  refuses_labels_beyond_the_head();
  return result("margin_softmax");
}
