#include <algorithm>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

constexpr int PURPOSE = 7, STEPS = 6, ROW = 10;
// kx, kp, cx, c0, c1, c2, c3, cn, w, clamp: everything; no noise; first step (no history), unclamped; plain; the last two of three past
// predictions; the third alone.
static const float COEFFICIENTS[STEPS][ROW] = {
    {1.2f, -.7f, .6f, .5f, -.2f, .15f, .1f, .3f, 2.5f, 1.f}, {1.1f, -.4f, .9f, .3f, -.1f, .05f, -.02f, 0.f, 1.5f, .8f},
    {3.f, -2.8f, .1f, .9f, 0.f, 0.f, 0.f, .4f, 3.f, 0.f},    {1.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 0.f, 1.f, 0.f},
    {1.1f, -.4f, .9f, .3f, 0.f, .3f, -.2f, 0.f, 1.5f, .8f},  {1.1f, -.4f, .9f, .3f, 0.f, 0.f, -.2f, .1f, 1.5f, .8f},
};

// The coefficient of a past prediction that is not stored must be 0.
static std::vector<float> coefficients(int past) {
  std::vector<float> rows;
  for (auto& row : COEFFICIENTS)
    for (int i = 0; i < ROW; i++) rows.push_back(i >= 4 + past && i < 7 ? 0 : row[i]);
  return rows;
}

int test_sampler_step() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++)
      for (bool guided : {false, true})
        for (int step = 0; step < STEPS; step++)
          for (int past = 0; past <= 3; past++) {
            std::vector<float> factors = coefficients(past);
            int batch = shape[0], n = shape[1], random[4] = {3, 1, 4, 1};
            size_t elements = static_cast<size_t>(batch) * n;
            Array x = Array::normal(0, elements, 1), history = Array::normal(0, past * elements, 2);
            Array prediction = Array::normal(type, elements * (1 + guided), 3), first(0, 0);
            for (int j = 1; j <= past; j++)  // a prediction whose coefficient is 0 must not be read
              if (factors[ROW * step + 3 + j] == 0) std::fill_n(history.f.begin() + (step + past - j) % past * elements, elements, NAN);
            std::vector<int> rows;
            for (int b = 0; b < batch; b++) rows.insert(rows.end(), {4711, b});
            auto run = [&](Backend& backend, Array& state, Array& before) {
              state = x;
              before = history;
              backend.sampler_step({type, guided, state.f.data(), prediction.data(), before.f.data(), past, factors.data(), &step, STEPS,
                                    rows.data(), random, PURPOSE, batch, n});
            };
            Array expected_x(0, 0), expected_history(0, 0), got_x(0, 0), got_history(0, 0);
            at_reference([&](Backend& backend) { run(backend, expected_x, expected_history); });
            for_each_backend([&](Backend& backend, const std::string& name) {
              std::string what = name + " sampler_step type " + std::to_string(type) + " guided " + std::to_string(guided) + " step " +
                                 std::to_string(step) + " past " + std::to_string(past) + " " + std::to_string(batch) + " " + std::to_string(n);
              int before = threads();
              for (int count : {1, 3}) {
                set_threads(count);
                run(backend, got_x, got_history);
                // A few f32 roundings of terms that may cancel to a fifth of their size.
                expect_close(got_x, expected_x, 3e-6, what);
                Array wanted = expected_history;
                for (size_t i = 0; i < past * elements; i++)  // slots whose coefficient is 0 stay unchanged
                  if (std::isnan(wanted.f[i]) && std::isnan(got_history.f[i])) wanted.f[i] = got_history.f[i] = 0;
                if (past > 0) expect_close(got_history, wanted, 3e-6, what + " history");
                if (first.f.empty()) first = got_x;
                expect(first.f == got_x.f, what + " differs in bits between backends or threads");
              }
              set_threads(before);
            });
          }
  int rows[2] = {}, random[4] = {}, step = STEPS;
  float x = 0, prediction = 0, history = 0;
  Backend::SamplerStep beyond{0, false, &x, &prediction, &history, 1, COEFFICIENTS[0], &step, STEPS, rows, random, PURPOSE, 1, 1};
  expect_refusal([&] { cpu().sampler_step(beyond); }, "sampler_step: step 6 must be in 0..5");
  on_cuda([&](Backend& backend, const std::string& name) {
    Array state = Array::normal(0, 4, 1), old(0, 4), guess(0, 4);
    backend.sampler_step({0, false, state.f.data(), guess.data(), old.f.data(), 1, COEFFICIENTS[0], &step, STEPS, rows, random, PURPOSE, 1, 4});
    for (float v : state.f) expect(std::isnan(v), name + " sampler_step: a step beyond the last leaves " + std::to_string(v));
  });
  return result("sampler_step");
}
