#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {
struct State {
  Array values, velocity, narrow;
  float norm = -1;
  explicit State(size_t n) : values(Array::normal(0, n, 1)), velocity(0, n), narrow(1, n) {}
};
}  // namespace

static void step(Backend& backend, State& s, const Array& gradients, float max_norm) {
  float settings[4] = {1e-1f, .9f, 5e-4f, max_norm};
  Backend::Sgd call{settings,
                    s.values.f.data(),
                    gradients.f.data(),
                    s.velocity.f.data(),
                    s.narrow.size() > 0 ? s.narrow.data() : nullptr,
                    &s.norm,
                    static_cast<int64_t>(s.values.size()),
                    nullptr};
  auto scratch = with_scratch(backend, call);
  backend.sgd(call);
}

static void three_steps(Backend& backend, State& s, float max_norm) {
  for (int t = 1; t <= 3; t++) step(backend, s, Array::normal(0, s.values.size(), 10 + t), max_norm);
}

int test_sgd() {
  for (auto& shape : shapes())
    for (float max_norm : {0.f, .5f, 1e6f}) {
      State expected(shape[0]), first(0);
      at_reference([&](Backend& backend) { three_steps(backend, expected, max_norm); });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " sgd " + std::to_string(shape[0]) + " max norm " + std::to_string(max_norm);
        for (int count : {1, 3}) {
          int before = threads();
          set_threads(count);
          State s(shape[0]);
          three_steps(backend, s, max_norm);
          set_threads(before);
          expect(std::fabs(s.norm - expected.norm) <= 1e-6 * expected.norm, what + " norm");
          expect_close(s.values, expected.values, 1e-6, what + " values");
          expect_close(s.velocity, expected.velocity, 1e-6, what + " velocity");
          expect_close(s.narrow, rounded(s.values), 0, what + " rounded copy");
          if (first.values.f.empty()) first = s;
          expect(s.values.f == first.values.f && s.velocity.f == first.velocity.f && s.norm == first.norm,
                 what + " differs in bits between levels or threads");
        }
      });
    }
  for_each_backend([](Backend& backend, const std::string& name) {
    // A gradient that is not finite changes nothing and makes the norm not finite.
    State s(100);
    s.narrow = Array(1, 0);  // none is kept
    step(backend, s, Array::normal(0, 100, 4), 1);
    State before = s;
    Array gradients = Array::normal(0, 100, 5);
    gradients.set(37, INFINITY);
    step(backend, s, gradients, 1);
    expect(!std::isfinite(s.norm) && s.values.f == before.values.f && s.velocity.f == before.velocity.f,
           name + " sgd: an infinite gradient changed the weights");
  });
  return result("sgd");
}
