#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {
struct State {
  Array values, first, second, average, narrow;
  float norm = -1;
  explicit State(size_t n) : values(Array::normal(0, n, 1)), first(0, n), second(0, n), average(values), narrow(1, n) {}
};
}  // namespace

static void step(Backend& backend, State& s, const Array& gradients, int t, float max_norm) {
  float settings[8] = {
      1e-2f,   .9f, .999f, 1e-8f, static_cast<float>(1 - std::pow(.9, t)), static_cast<float>(1 - std::pow(.999, t)), t == 1 ? 0.f : .9f,
      max_norm};
  Backend::Adam call{settings,
                     s.values.f.data(),
                     gradients.f.data(),
                     s.first.f.data(),
                     s.second.f.data(),
                     s.average.f.data(),
                     s.narrow.size() > 0 ? s.narrow.data() : nullptr,
                     &s.norm,
                     static_cast<int64_t>(s.values.size()),
                     nullptr};
  auto scratch = with_scratch(backend, call);
  backend.adam(call);
}

static void three_steps(Backend& backend, State& s, float max_norm) {
  for (int t = 1; t <= 3; t++) step(backend, s, Array::normal(0, s.values.size(), 10 + t), t, max_norm);
}

int test_adam() {
  for (auto& shape : shapes())
    for (float max_norm : {0.f, .5f, 1e6f}) {
      State expected(shape[0]), first(0);
      at_reference([&](Backend& backend) { three_steps(backend, expected, max_norm); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " adam " + std::to_string(shape[0]) + " max norm " + std::to_string(max_norm);
        for (int count : {1, 3}) {
          int before = threads();
          set_threads(count);
          State s(shape[0]);
          three_steps(backend, s, max_norm);
          set_threads(before);
          expect(std::fabs(s.norm - expected.norm) <= 1e-6 * expected.norm, what + " norm");
          expect_close(s.values, expected.values, 1e-6, what + " values");
          expect_close(s.first, expected.first, 1e-6, what + " first moment");
          // 1 - .999f contains the error of rounding .999: 1.3e-5 of the moment, the same in both.
          expect_close(s.second, expected.second, 1e-6, what + " second moment");
          expect_close(s.average, expected.average, 1e-6, what + " average");
          expect_close(s.narrow, rounded(s.values), 0, what + " rounded copy");
          if (first.values.f.empty()) first = s;
          expect(s.values.f == first.values.f && s.average.f == first.average.f && s.norm == first.norm,
                 what + " differs in bits between levels or threads");
        }
      });
    }
  for_each_backend([](Backend& backend, const std::string& name) {
    // A decay of 0 makes the average a copy of the weights; a gradient that is not finite changes nothing and makes the norm not finite.
    State s(100);
    s.narrow = Array(1, 0);  // none is kept
    step(backend, s, Array::normal(0, 100, 4), 1, 0);
    expect(s.average.f == s.values.f, name + " adam: decay 0 is not a copy");
    State before = s;
    Array gradients = Array::normal(0, 100, 5);
    gradients.set(37, NAN);
    step(backend, s, gradients, 2, 1);
    expect(std::isnan(s.norm) && s.values.f == before.values.f && s.first.f == before.first.f && s.second.f == before.second.f &&
               s.average.f == before.average.f,
           name + " adam: a NaN gradient changed the weights");
    // The first step moves every weight by the learning rate, against its gradient.
    State t(100);
    Array start = t.values, g = Array::normal(0, 100, 6);
    step(backend, t, g, 1, 0);
    for (int i = 0; i < 100; i++)
      expect(std::fabs(t.values.f[i] - (start.f[i] - std::copysign(1e-2f, g.f[i]))) < 1e-6, name + " adam: first step");
  });
  return result("adam");
}
