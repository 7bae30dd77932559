#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

constexpr int PURPOSE = 3, ROW_PURPOSE = 9;

static void agrees_with_the_reference() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++)
      for (auto [p, to] : {std::pair{0.f, 0.f}, {.25f, .25f}, {.5f, .5f}, {.1f, .7f}})
        for (float whole : {0.f, .3f, 1.f}) {
          int64_t batch = shape[0], width = shape[1];
          int random[4] = {1, 2, 3, 0};
          size_t n = static_cast<size_t>(batch) * width;
          Array context = Array::normal(type, n, 1), empty = Array::normal(0, width, 2), dy = Array::normal(type, n, 3);
          std::vector<int> rows;
          for (int b = 0; b < batch; b++) rows.insert(rows.end(), {b * 31, 5});
          Array y(type, n), dcontext(type, n), dempty(0, width), again(0, width);
          Array expected_y(type, n), expected_dcontext(type, n), expected_dempty(0, width);
          auto run = [&](Backend& backend, Array& out, Array& dc, Array& de) {
            backend.context_dropout({type, context.data(), whole > 0 ? empty.f.data() : nullptr, p, to, whole, rows.data(), random, PURPOSE,
                                     ROW_PURPOSE, out.data(), batch, width});
            backend.context_dropout_backward(
                {type, dy.data(), p, to, whole, rows.data(), random, PURPOSE, ROW_PURPOSE, dc.data(), de.f.data(), batch, width});
          };
          at_reference([&](Backend& backend) { run(backend, expected_y, expected_dcontext, expected_dempty); });
          for_each_backend([&](Backend& backend, const std::string& name) {
            run(backend, y, dcontext, dempty);
            std::string what = name + " context_dropout type " + std::to_string(type) + " p " + std::to_string(p) + " to " + std::to_string(to) +
                               " whole " + std::to_string(whole) + " " + std::to_string(batch) + " " + std::to_string(width);
            double tolerance = type == 0 ? 1e-6 : 8e-3;
            expect_close(y, expected_y, tolerance, what);
            expect_close(dcontext, expected_dcontext, tolerance, what + " dcontext");
            // Sums of up to 64 terms in f32.
            expect_close(dempty, expected_dempty, 4e-6, what + " dempty");
            int before = threads();
            set_threads(3);
            backend.context_dropout_backward(
                {type, dy.data(), p, to, whole, rows.data(), random, PURPOSE, ROW_PURPOSE, nullptr, again.f.data(), batch, width});
            set_threads(before);
            expect(again.f == dempty.f, what + " depends on the threads or on the other gradient");
          });
        }
}

// The fractions of dropped elements and rows are within five standard errors.
static void drops_the_share_it_should() {
  constexpr int B = 4096, W = 64;
  int random[4] = {5, 6, 7, 0};
  std::vector<int> rows;
  for (int b = 0; b < B; b++) rows.insert(rows.end(), {b, 0});
  std::vector<float> context(B * W, 1.f), empty(W, 2.f), y(B * W);
  cpu().context_dropout({0, context.data(), empty.data(), .25f, .25f, .1f, rows.data(), random, PURPOSE, ROW_PURPOSE, y.data(), B, W});
  int dropped = 0, replaced = 0;
  for (int b = 0; b < B; b++) {
    bool whole = false;
    for (int i = 0; i < W; i++) {
      float v = y[b * W + i];
      if (v == 0) dropped++;
      else whole = v > 2;
    }
    replaced += whole;
  }
  expect(std::fabs(dropped / static_cast<double>(B * W) - .25) < 5 * std::sqrt(.25 * .75 / (B * W)),
         "context_dropout: dropped " + std::to_string(dropped));
  expect(std::fabs(replaced / static_cast<double>(B) - .1) < 5 * std::sqrt(.1 * .9 / B),
         "context_dropout: replaced " + std::to_string(replaced));
}

// Each row drops a share of its own, uniform between the two: mean (a+b)/2, variance (b-a)^2/12, within five standard errors.
static void each_row_draws_its_probability() {
  constexpr int B = 1024, W = 1024;
  int random[4] = {5, 6, 7, 0};
  std::vector<int> rows;
  for (int b = 0; b < B; b++) rows.insert(rows.end(), {b, 0});
  std::vector<float> context(B * W, 1.f), y(B * W);
  cpu().context_dropout({0, context.data(), nullptr, .2f, .8f, 0, rows.data(), random, PURPOSE, ROW_PURPOSE, y.data(), B, W});
  double sum = 0, squares = 0, scales = 0;
  for (int b = 0; b < B; b++) {
    int dropped = 0;
    float kept = 1;
    for (int i = 0; i < W; i++) {
      float v = y[b * W + i];
      if (v == 0) dropped++;
      else kept = v;
    }
    double share = dropped / static_cast<double>(W);
    sum += share;
    squares += share * share;
    scales = std::max(scales, std::fabs(share - (1 - 1 / kept)));
  }
  double mean = sum / B, variance = squares / B - mean * mean;
  expect(std::fabs(mean - .5) < 5 * .6 / std::sqrt(12. * B), "context_dropout: mean share " + std::to_string(mean));
  // The kurtosis of a uniform variable is 1.8, so the variance of its squared deviation is .8 variance^2; binomial noise adds p(1-p)/W.
  expect(std::fabs(variance - .03) < 5 * .03 * std::sqrt(.8 / B) + .25 / W, "context_dropout: variance " + std::to_string(variance));
  expect(scales < 6 * .5 / std::sqrt(W), "context_dropout: a factor belongs to another share: " + std::to_string(scales));
}

int test_context_dropout() {
  agrees_with_the_reference();
  drops_the_share_it_should();
  each_row_draws_its_probability();
  return result("context_dropout");
}
