#include <algorithm>
#include <memory>
#include <set>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

struct Case {
  int type, b, p, c, g, scale_rows;  // no rows: neither scale nor shift
  bool silu;
  float offset;

  std::string text() const {
    std::ostringstream s;
    s << "group_norm type " << type << " [" << b << "," << p << "," << c << "] groups " << g << " rows of scale " << scale_rows << " silu "
      << silu << " offset " << offset;
    return s.str();
  }
};

std::set<std::string> emulated_ways;

struct Run {
  float offset;
  Array y, mean, rstd, dx, dgamma, dbeta, dscale, dshift;

  Run(Backend& backend, const Case& k)
      : offset(k.offset), y(k.type, size(k)), mean(0, k.b * k.g), rstd(0, k.b * k.g), dx(k.type, size(k)), dgamma(0, k.c), dbeta(0, k.c),
        dscale(k.type, k.scale_rows * k.c), dshift(k.type, k.scale_rows * k.c) {
    Array x = Array::normal(k.type, size(k), 1), dy = Array::normal(k.type, size(k), 2);
    for (size_t i = 0; i < x.size(); i++) x.set(i, x.get(i) + k.offset);
    Array gamma = Array::normal(0, k.c, 3), beta = Array::normal(0, k.c, 4);
    Array scale = Array::normal(k.type, k.scale_rows * k.c, 5, .5f), shift = Array::normal(k.type, k.scale_rows * k.c, 6);
    bool adaptive = k.scale_rows > 0;
    auto if_adaptive = [&](Array& a) { return adaptive ? a.data() : nullptr; };
    Backend::GroupNorm n{k.type,
                         x.data(),
                         gamma.f.data(),
                         beta.f.data(),
                         if_adaptive(scale),
                         if_adaptive(shift),
                         k.scale_rows,
                         nullptr,
                         y.data(),
                         mean.f.data(),
                         rstd.f.data(),
                         k.b,
                         k.p,
                         k.c,
                         k.g,
                         1e-5f,
                         k.silu,
                         nullptr};
    auto scratch = with_scratch(backend, n);
    backend.group_norm(n);
    if (backend.emulated()) emulated_ways.insert(backend.implementation(n));
    Backend::GroupNormBackward call{n, dy.data(), dx.data(), dgamma.f.data(), dbeta.f.data(), if_adaptive(dscale), if_adaptive(dshift)};
    auto other_scratch = with_scratch(backend, call);
    backend.group_norm_backward(call);
  }

  static size_t size(const Case& k) { return size_t(k.b) * k.p * k.c; }

  void expect(const Run& expected, double tolerance, double sums, const std::string& what) const {
    expect_close(y, expected.y, tolerance, what + " y");
    double worst = 0;
    for (size_t i = 0; i < mean.size(); i++) worst = std::fmax(worst, std::fabs(mean.get(i) - expected.mean.get(i)));
    testing::expect(worst <= 5e-7 * (1 + std::fabs(offset)), what + " mean");  // the standard deviation is 1
    expect_close(rstd, expected.rstd, 1e-6, what + " rstd");
    expect_close(dx, expected.dx, tolerance, what + " dx");
    expect_close(dgamma, expected.dgamma, sums, what + " dgamma");
    expect_close(dbeta, expected.dbeta, sums, what + " dbeta");
    if (dscale.size() == 0) return;
    expect_close(dscale, expected.dscale, tolerance, what + " dscale");
    expect_close(dshift, expected.dshift, tolerance, what + " dshift");
  }
};

// The emulator has no threads, and takes the large shapes, which are there for the kernel that reads twice, in the adaptive case alone.
void check_case(const Case& k) {
  std::unique_ptr<Run> expected;
  at_reference([&](Backend& backend) { expected = std::make_unique<Run>(backend, k); });
  auto check = [&](Backend& backend, const std::string& name) {
    Run run(backend, k);
    // f32: rounding of x - mean, at most 6e-8 of the mean, and a few more roundings; bf16: one rounding of the result.
    double tolerance = (k.type == 0 ? 3e-6 : 8e-3) + 2e-7 * std::fabs(k.offset);
    run.expect(*expected, tolerance, 3e-6 + 2e-7 * std::fabs(k.offset), name + " " + k.text());
    int before = threads();
    for (int count : {1, 3}) {
      if (backend.emulated()) break;
      set_threads(count);
      Run(backend, k).expect(run, 0, 0, name + " " + k.text() + " on " + std::to_string(count) + " threads");
    }
    set_threads(before);
  };
  for_each_backend(check, Run::size(k) > 50000 && k.scale_rows != k.b);
}

// A row that is chosen by number gives what the same row gives alone, bit by bit; the other rows are not read.
void check_row(Backend& backend, const std::string& name, int type) {
  constexpr int B = 2, P = 5, C = 6, G = 2, ROWS = 3;
  Array x = Array::normal(type, B * P * C, 1), gamma = Array::normal(0, C, 3), beta = Array::normal(0, C, 4);
  Array scale = Array::normal(type, ROWS * C, 5), shift = Array::normal(type, ROWS * C, 6), mean(0, B * G), rstd(0, B * G);
  for (int row = 0; row < ROWS; row++) {
    Array table[2] = {scale, shift}, own[2] = {Array(type, C), Array(type, C)}, y[2] = {Array(type, x.size()), Array(type, x.size())};
    for (int i = 0; i < ROWS * C; i++)
      for (int k = 0; k < 2; k++) {
        if (i / C == row) own[k].set(i % C, table[k].get(i));
        else table[k].set(i, NAN);
      }
    for (bool chosen : {false, true}) {
      auto& from = chosen ? table : own;
      Backend::GroupNorm n{type,
                           x.data(),
                           gamma.f.data(),
                           beta.f.data(),
                           from[0].data(),
                           from[1].data(),
                           chosen ? ROWS : 1,
                           chosen ? &row : nullptr,
                           y[chosen].data(),
                           mean.f.data(),
                           rstd.f.data(),
                           B,
                           P,
                           C,
                           G,
                           1e-5f,
                           true,
                           nullptr};
      auto scratch = with_scratch(backend, n);
      backend.group_norm(n);
    }
    expect_close(y[1], y[0], 0, name + " group_norm type " + std::to_string(type) + " row " + std::to_string(row));
  }
}

}  // namespace

int test_group_norm() {
  for (int type = 0; type < 2; type++) {
    auto check = [&](Backend& backend, const std::string& name) { check_row(backend, name, type); };
    at_reference([&](Backend& backend) { check(backend, "reference"); });
    for_each_backend(check);
  }
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) {
      check_case({type, s[0], s[1], s[2], s[3], 0, true, 0});
      check_case({type, s[0], s[1], s[2], s[3], 0, false, 0});
      check_case({type, s[0], s[1], s[2], s[3], s[0], true, 0});
      check_case({type, s[0], s[1], s[2], s[3], 1, false, 0});
    }
  check_case({0, 2, 1024, 128, 32, 0, false, 100});  // a mean of a hundred standard deviations
  check_case({0, 2, 1024, 128, 32, 2, true, 100});
  for (const char* way : {"slices in shared memory", "slices in clusters"})
    expect(emulated_ways.empty() || std::any_of(emulated_ways.begin(), emulated_ways.end(), [&](auto& w) { return w.starts_with(way); }),
           std::string("the emulator took the way: ") + way);
  return result("group_norm");
}
