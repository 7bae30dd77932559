#include <algorithm>
#include <cstring>

#include "common/philox.h"
#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

constexpr int PURPOSE = 1;

// Box-Muller of the same words, in double with the C library.
static double exact(const RandomRow& row, int64_t i) {
  uint32_t words[4];
  row.block(static_cast<uint32_t>(i / 4), words);
  const uint32_t* pair = words + (i % 4) / 2 * 2;
  double radius = std::sqrt(-2 * std::log(((pair[0] >> 8) + 1) * 0x1p-24)), angle = 2 * M_PI * (pair[1] >> 8) * 0x1p-24;
  return radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

static void every_level_gives_the_same_bits() {
  for (auto& shape : shapes()) {
    int batch = shape[0], n = shape[1], random[4] = {77, -5, 1234, 0};
    std::vector<int> rows;
    for (int b = 0; b < batch; b++) rows.insert(rows.end(), {4711 * b, -b});
    Array y(0, batch * n), expected(0, batch * n), precise(0, batch * n);
    at_reference([&](Backend& backend) { backend.noise({rows.data(), random, PURPOSE, expected.f.data(), batch, n}); });
    for (int b = 0; b < batch; b++) {
      RandomRow row = random_row(rows.data(), random, PURPOSE, b);
      for (int i = 0; i < n; i++) precise.set(b * n + i, static_cast<float>(exact(row, i)));
    }
    std::string what = " noise " + std::to_string(batch) + " " + std::to_string(n);
    // Radius, sine and cosine have relative errors of about 2e-7 each; values are below 6.
    expect_close(expected, precise, 1e-6, "reference" + what);
    for_each_backend([&](Backend& backend, const std::string& name) {
      for (int count : {1, 3}) {
        int before = threads();
        set_threads(count);
        std::fill(y.f.begin(), y.f.end(), NAN);
        backend.noise({rows.data(), random, PURPOSE, y.f.data(), batch, n});
        set_threads(before);
        expect(std::memcmp(y.f.data(), expected.f.data(), y.f.size() * 4) == 0, name + what + " differs in bits");
      }
      // One row alone, at another position in another batch.
      std::vector<float> alone(n);
      backend.noise({rows.data() + 2 * (batch - 1), random, PURPOSE, alone.data(), 1, n});
      expect(std::equal(alone.begin(), alone.end(), expected.f.end() - n), name + what + " depends on the place in the batch");
    });
  }
}

// Moments and the Kolmogorov-Smirnov statistic of 2^20 numbers, within five standard errors; the 1e-6 quantile of Kolmogorov's
// distribution is 2.69.
static void numbers_are_normal() {
  constexpr int N = 1 << 20;
  std::vector<float> y(N);
  int rows[2] = {3, 4}, random[4] = {20, 26, 11, 0};
  cpu().noise({rows, random, PURPOSE, y.data(), 1, N});
  double moment[5] = {}, lag[4] = {};
  for (int i = 0; i < N; i++) {
    for (int k = 1; k <= 4; k++) moment[k] += std::pow(y[i], k) / N;
    for (int k = 1; k < 4; k++) lag[k] += static_cast<double>(y[i]) * y[(i + k) % N] / N;
  }
  double error = 5 / std::sqrt(static_cast<double>(N));
  expect(std::fabs(moment[1]) < error, "noise: mean " + std::to_string(moment[1]));
  expect(std::fabs(moment[2] - 1) < error * std::sqrt(2.), "noise: variance " + std::to_string(moment[2]));
  expect(std::fabs(moment[3]) < error * std::sqrt(15.), "noise: third moment " + std::to_string(moment[3]));
  expect(std::fabs(moment[4] - 3) < error * std::sqrt(96.), "noise: fourth moment " + std::to_string(moment[4]));
  for (int k = 1; k < 4; k++) expect(std::fabs(lag[k]) < error, "noise: correlation at lag " + std::to_string(k));
  std::sort(y.begin(), y.end());
  double distance = 0;
  for (int i = 0; i < N; i++) {
    double p = .5 * std::erfc(-y[i] / std::sqrt(2.));
    distance = std::max({distance, p - static_cast<double>(i) / N, static_cast<double>(i + 1) / N - p});
  }
  expect(distance * std::sqrt(static_cast<double>(N)) < 2.69, "noise: Kolmogorov-Smirnov distance " + std::to_string(distance));
}

static void purposes_steps_and_rows_differ() {
  int rows[4] = {1, 2, 2, 1}, random[4] = {1, 0, 0, 0}, later[4] = {1, 0, 1, 0}, other[4] = {1, 1, 0, 0};
  std::vector<std::vector<float>> all(4, std::vector<float>(16));
  cpu().noise({rows, random, 1, all[0].data(), 2, 8});
  cpu().noise({rows, random, 2, all[1].data(), 2, 8});
  cpu().noise({rows, later, 1, all[2].data(), 2, 8});
  cpu().noise({rows, other, 1, all[3].data(), 2, 8});
  std::vector<float> flat;
  for (auto& v : all) flat.insert(flat.end(), v.begin(), v.end());
  std::sort(flat.begin(), flat.end());
  expect(std::adjacent_find(flat.begin(), flat.end()) == flat.end(), "noise: two purposes share a number");
}

static void a_step_too_large_is_refused() {
  int rows[2] = {}, random[4] = {0, 0, 1 << 24, 0};
  float y;
  expect_refusal([&] { cpu().noise({rows, random, PURPOSE, &y, 1, 1}); }, "16777216");
}

int test_noise() {
  every_level_gives_the_same_bits();
  numbers_are_normal();
  purposes_steps_and_rows_differ();
  a_step_too_large_is_refused();
  return result("noise");
}
