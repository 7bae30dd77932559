// Without arguments: every level against the reference. With `bench`: GFLOP/s at the shapes of the published U-Net, beside the
// peak of fused multiply-add measured in the same run.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "common/testing.h"
#include "common/timing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

// One call's tensors, forward and backward.
struct Call {
  int type, batch, queries, keys, heads, width;
  bool self;
  Array q, kv, dy, y, lse, dq, dkv;
  std::vector<float> scratch;

  Call(int type, const std::vector<int>& shape, float scale = 1)
      : type(type), batch(shape[0]), queries(shape[1]), keys(shape[2] ? shape[2] : shape[1]),
        heads(EMULATED ? std::min(queries * keys > 50000 ? 1 : 2, shape[3]) : shape[3]), width(shape[4]), self(!shape[2]),
        q(Array::normal(type, rows() * (self ? 3 : 1), 1, scale)),
        kv(Array::normal(type, self ? 0 : size_t(batch) * keys * heads * width * 2, 2, scale)), dy(Array::normal(type, rows(), 3)),
        y(type, rows()), lse(0, size_t(batch) * heads * queries), dq(type, q.size()), dkv(type, kv.size()) {}
  size_t rows() const { return size_t(batch) * queries * heads * width; }
  const void* kv_or_null() const { return self ? nullptr : kv.data(); }
  void forward() {
    scratch.resize(attention_scratch(queries, keys, heads, width, threads()) / 4);
    attention(type, q.data(), kv_or_null(), y.data(), lse.f.data(), batch, queries, keys, heads, width, scratch.data(), threads());
  }
  void backward() {
    scratch.resize(attention_backward_scratch(queries, keys, heads, width, threads()) / 4);
    attention_backward(type, q.data(), kv_or_null(), y.data(), lse.f.data(), dy.data(), dq.data(), self ? nullptr : dkv.data(), batch, queries,
                       keys, heads, width, scratch.data(), threads());
  }
  std::string what(const std::string& level) const {
    std::ostringstream s;
    s << level << " attention type " << type << " shape " << batch << " " << queries << " " << (self ? 0 : keys) << " " << heads << " " << width;
    return s.str();
  }
};

bool same(const Array& a, const Array& b) { return std::memcmp(a.data(), b.data(), a.size() * (a.type ? 2 : 4)) == 0; }

void poison(std::vector<float>& scratch) { std::fill(scratch.begin(), scratch.end(), NAN); }

void against_reference(int type, const std::vector<int>& shape, float scale, double tolerance) {
  Call expected(type, shape, scale), got(type, shape, scale);
  at_reference([&] { expected.forward(), expected.backward(); });
  for_each_level([&](const std::string& level) {
    std::string what = got.what(level) + " scale " + std::to_string(scale);
    if (!EMULATED) got.forward();  // the emulator knows what was never written
    poison(got.scratch);
    got.forward();
    expect_close(got.y, expected.y, tolerance, what);
    expect_close(got.lse, expected.lse, type == 0 ? tolerance : 2e-5, what + " log-sum-exp");
    if (!EMULATED) got.backward();
    poison(got.scratch);
    got.backward();
    // The softmax of one key is constant, so that its queries' gradient is nothing but rounding.
    if (got.keys == 1)
      for (size_t i = 0; i < got.dq.size(); i++) expect(std::fabs(got.dq.get(i)) <= tolerance * 10, what + " dq");
    else expect_close(got.dq, expected.dq, tolerance, what + " dq");
    if (!got.self) expect_close(got.dkv, expected.dkv, tolerance, what + " dkv");
  });
}

// The same bits again, with one thread, and for the first image alone.
void repeatable(int type) {
  std::vector<int> shape = {3, 100, 0, 2, 32};
  for_each_level([&](const std::string& level) {
    Call a(type, shape), b(type, shape);
    a.forward(), a.backward();
    int before = threads();
    set_threads(before == 1 ? 3 : 1);
    b.forward(), b.backward();
    set_threads(before);
    expect(same(a.y, b.y) && same(a.lse, b.lse) && same(a.dq, b.dq), a.what(level) + ": bits depend on the number of threads");
    shape[0] = 1;
    Call c(type, shape);
    shape[0] = 3;
    std::memcpy(c.q.data(), a.q.data(), c.q.size() * (type ? 2 : 4));
    c.forward();
    expect(std::memcmp(a.y.data(), c.y.data(), c.y.size() * (type ? 2 : 4)) == 0, a.what(level) + ": bits depend on the batch");
  });
}

// The reference's gradient against central differences of sum(y * dy), at a few elements.
void finite_differences(const std::vector<int>& shape) {
  at_reference([&] {
    Call c(0, shape);
    c.forward(), c.backward();
    auto value = [&] {
      c.forward();
      double sum = 0;
      for (size_t i = 0; i < c.y.size(); i++) sum += double(c.y.get(i)) * c.dy.get(i);
      return sum;
    };
    for (auto [in, gradient] : {std::pair{&c.q, &c.dq}, std::pair{&c.kv, &c.dkv}})
      for (size_t i = 0; i < in->size(); i += 7) {
        float x = in->get(i), h = 1e-2f;
        in->set(i, x + h);
        double above = value();
        in->set(i, x - h);
        double difference = (above - value()) / (2 * h);
        in->set(i, x);
        expect(std::fabs(difference - gradient->get(i)) < 2e-3, c.what("reference") + " finite difference " + std::to_string(difference) +
                                                                    " against " + std::to_string(gradient->get(i)) + " at " + std::to_string(i));
      }
  });
}

// A NaN in one query reaches that query's row and no other.
void nan_stays() {
  for_each_level([&](const std::string& level) {
    Call c(0, {1, 20, 32, 1, 32});
    c.q.set(3 * 32 + 5, NAN);
    c.forward();
    bool right = true;
    for (size_t i = 0; i < c.y.size(); i++) right &= std::isnan(c.y.get(i)) == (i / 32 == 3);
    expect(right, c.what(level) + ": NaN in query 3 does not show in its row alone");
  });
}

// Scores of -90 from equal keys: what lies beside the last key has a score of 0 and a probability of 2^128.5, which is none and
// must not be seen.
void scores_beside_the_last_key(int type) {
  for_each_level([&](const std::string& level) {
    Call c(type, {1, 5, 3, 1, 32});
    for (size_t i = 0; i < c.q.size(); i++) c.q.set(i, 4);
    for (size_t i = 0; i < c.kv.size(); i++) c.kv.set(i, i % 64 < 32 ? -3.984375f : 1);
    c.forward(), c.backward();
    for (size_t i = 0; i < c.y.size(); i++)
      expect(std::fabs(c.y.get(i) - 1) < 1e-2, c.what(level) + ": values of 1 give " + std::to_string(c.y.get(i)));
    for (auto* gradient : {&c.dq, &c.dkv})
      for (size_t i = 0; i < gradient->size(); i++)
        expect(std::fabs(gradient->get(i)) < 10, c.what(level) + ": gradient " + std::to_string(gradient->get(i)));
  });
}

void refusals() {
  Call c(0, {1, 4, 0, 1, 8});
  for (int width : {7, 12, 0}) {
    bool thrown = false;
    try {
      attention(0, c.q.data(), nullptr, c.y.data(), c.lse.f.data(), 1, 4, 4, 1, width, nullptr, 1);
    } catch (const std::exception&) {
      thrown = true;
    }
    expect(thrown, "attention took a head width of " + std::to_string(width));
  }
}

constexpr int STEPS = 1 << 18, CHAINS = 10;

// Fused multiply-add on ten independent vectors.
__attribute__((target("avx2,fma"))) float chains() {
  __m256 sums[CHAINS], factor = _mm256_set1_ps(.999f), term = _mm256_set1_ps(.001f);
  for (auto& s : sums) s = factor;
  for (int i = 0; i < STEPS; i++) {
#pragma GCC unroll 10
    for (int j = 0; j < CHAINS; j++) sums[j] = _mm256_fmadd_ps(sums[j], factor, term);
  }
  float sink = 0;
  for (auto& s : sums) sink += s[0];
  return sink;
}

// FLOP/s of all threads.
double peak() {
  float sink = 0;
  double time = fastest(.4, [&] {
#pragma omp parallel reduction(+ : sink)
    sink += chains();
  });
  return sink < 0 ? 0 : threads() * double(STEPS) * CHAINS * 16 / time;
}

int bench() {
  double flops = peak();
  std::printf("%d threads, level %s, peak %.0f GFLOP/s of f32 on AVX2\n", threads(), cpu_level_name(cpu_level()), flops / 1e9);
  for (int type = 0; type < 2; type++)
    for (std::vector<int> shape : {std::vector<int>{16, 256, 0, 6, 32},
                                   {16, 64, 0, 12, 32},
                                   {16, 16, 0, 24, 32},
                                   {16, 256, 32, 6, 32},
                                   {16, 64, 32, 12, 32},
                                   {16, 16, 32, 24, 32},
                                   {1, 256, 0, 6, 32},
                                   {4, 1024, 0, 1, 512}}) {
      Call c(type, shape);
      double forward = fastest(.4, [&] { c.forward(); }), backward = fastest(.4, [&] { c.backward(); });
      double work = 4. * c.rows() * c.keys;
      std::printf("%s B %2d T %4d S %4d C %3d D %3d: forward %7.3f ms %4.0f GFLOP/s %3.0f %%, backward %7.3f ms %4.0f GFLOP/s %3.0f %%\n",
                  type ? "bf16" : "f32 ", c.batch, c.queries, c.keys, c.heads * c.width, c.width, forward * 1e3, work / forward / 1e9,
                  100 * work / forward / flops, backward * 1e3, 2.5 * work / backward / 1e9, 250 * work / backward / flops);
    }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "bench") == 0) return bench();
  for (int type = 0; type < 2; type++) {
    // f32: sums of up to 1024 products and the exponential's 2e-7; bf16: one rounding of the result, and of y within delta.
    double tolerance = type == 0 ? 1e-5 : 8e-3;
    for (auto& shape : shapes()) against_reference(type, shape, 1, tolerance);
    // Scores up to a few hundred: one key takes all, and a rounding of the score shows as itself in the exponential.
    against_reference(type, {1, 40, 0, 2, 32}, 6, type == 0 ? 2e-4 : 2e-2);
    repeatable(type);
    scores_beside_the_last_key(type);
  }
  finite_differences({1, 5, 0, 2, 8});
  finite_differences({2, 5, 7, 1, 8});
  nan_stays();
  refusals();
  return result("attention");
}
