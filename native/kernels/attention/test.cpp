// Without arguments: every level against the reference. With `bench`: GFLOP/s at the shapes of the published U-Net, and the peak of fused
// multiply-add measured in the same run.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "common/testing.h"
#include "common/timing.h"
#include "kernels/attention/emulated_tiles.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

// One call's tensors, forward and backward.
struct Call {
  int type, batch, queries, keys, heads, width;
  bool self, causal;
  Array q, kv, dy, y, lse, dq, dkv;

  // shape: keys are 0 for self-attention, -1 for causal self-attention.
  Call(int type, const std::vector<int>& shape, float scale = 1)
      : type(type), batch(shape[0]), queries(shape[1]), keys(shape[2] > 0 ? shape[2] : shape[1]), heads(shape[3]), width(shape[4]),
        self(shape[2] <= 0), causal(shape[2] < 0), q(Array::normal(type, rows() * (self ? 3 : 1), 1, scale)),
        kv(Array::normal(type, self ? 0 : size_t(batch) * keys * heads * width * 2, 2, scale)), dy(Array::normal(type, rows(), 3)),
        y(type, rows()), lse(0, size_t(batch) * heads * queries), dq(type, q.size()), dkv(type, kv.size()) {}
  size_t rows() const { return size_t(batch) * queries * heads * width; }
  Backend::Attention call() {
    return {type, batch, queries, keys, heads, width, q.data(), self ? nullptr : kv.data(), y.data(), lse.f.data(), threads(), nullptr, causal};
  }
  void forward(Backend& backend) {
    Backend::Attention a = call();
    auto scratch = with_scratch(backend, a);
    backend.attention(a);
  }
  void backward(Backend& backend) {
    Backend::AttentionBackward a{call(), dy.data(), dq.data(), self ? nullptr : dkv.data()};
    auto scratch = with_scratch(backend, a);
    backend.attention_backward(a);
  }
  std::string what(const std::string& name) const {
    std::ostringstream s;
    s << name << " attention type " << type << " shape " << batch << " " << queries << " "
      << (causal ? -1
          : self ? 0
                 : keys)
      << " " << heads << " " << width;
    return s.str();
  }
};

// The AMX code with emulated tiles, where the processor can run the rest of it.
void on_emulated_tiles(const Body& body) {
  if (levels && has_level(AVX512_BF16)) body(emulated_tiles(), "emulated tiles");
}

void for_each_attention(const Body& body) {
  for_each_backend(body);
  on_emulated_tiles(body);
}

bool same(const Array& a, const Array& b) { return std::memcmp(a.data(), b.data(), a.size() * (a.type ? 2 : 4)) == 0; }

enum class On { LEVELS, CUDA, EMULATED_TILES };

void against_reference(On on, int type, const std::vector<int>& shape, float scale, double tolerance) {
  Call expected(type, shape, scale), got(type, shape, scale);
  at_reference([&](Backend& backend) { expected.forward(backend), expected.backward(backend); });
  auto compare = [&](Backend& backend, const std::string& name) {
    std::string what = got.what(name) + " scale " + std::to_string(scale);
    got.forward(backend);
    expect_close(got.y, expected.y, tolerance, what);
    expect_close(got.lse, expected.lse, type == 0 ? tolerance : 2e-5, what + " log-sum-exp");
    got.backward(backend);
    // The softmax over one key is constant, so the gradient of the queries is zero up to rounding.
    if (got.keys == 1)
      for (size_t i = 0; i < got.dq.size(); i++) expect(std::fabs(got.dq.get(i)) <= tolerance * 10, what + " dq");
    else expect_close(got.dq, expected.dq, tolerance, what + " dq");
    if (!got.self) expect_close(got.dkv, expected.dkv, tolerance, what + " dkv");
  };
  if (on == On::LEVELS) for_each_level([&](const std::string& name) { compare(cpu(), name); });
  if (on == On::CUDA) on_cuda(compare);
  if (on == On::EMULATED_TILES && type == 1 && got.width % 32 == 0) on_emulated_tiles(compare);
}

// The emulators are a thousand times slower, so they get fewer heads.
std::vector<int> for_emulators(std::vector<int> shape) {
  int keys = shape[2] > 0 ? shape[2] : shape[1];
  shape[3] = std::min(shape[1] * keys > 50000 ? 1 : 2, shape[3]);
  return shape;
}

// The bits are the same in a second run, with one thread, and for the first image alone.
void repeatable(int type, int keys) {
  std::vector<int> shape = {3, 100, keys, 2, 32};
  for_each_attention([&](Backend& backend, const std::string& name) {
    Call a(type, shape), b(type, shape);
    a.forward(backend), a.backward(backend);
    int before = threads();
    set_threads(before == 1 ? 3 : 1);
    b.forward(backend), b.backward(backend);
    set_threads(before);
    expect(same(a.y, b.y) && same(a.lse, b.lse) && same(a.dq, b.dq), a.what(name) + ": bits depend on the number of threads");
    shape[0] = 1;
    Call c(type, shape);
    shape[0] = 3;
    std::memcpy(c.q.data(), a.q.data(), c.q.size() * (type ? 2 : 4));
    c.forward(backend);
    expect(std::memcmp(a.y.data(), c.y.data(), c.y.size() * (type ? 2 : 4)) == 0, a.what(name) + ": bits depend on the batch");
  });
}

// Compares the reference's gradient with central differences of sum(y * dy), at a few elements.
void finite_differences(const std::vector<int>& shape) {
  at_reference([&](Backend& backend) {
    Call c(0, shape);
    c.forward(backend), c.backward(backend);
    auto value = [&] {
      c.forward(backend);
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

// A NaN in one query makes that query's row NaN and no other.
void nan_stays() {
  for_each_attention([&](Backend& backend, const std::string& name) {
    Call c(0, {1, 20, 32, 1, 32});
    c.q.set(3 * 32 + 5, NAN);
    c.forward(backend);
    bool right = true;
    for (size_t i = 0; i < c.y.size(); i++) right &= std::isnan(c.y.get(i)) == (i / 32 == 3);
    expect(right, c.what(name) + ": NaN in query 3 does not make exactly its row NaN");
  });
}

// Equal keys give scores of -90. The padding behind the last key has a score of 0, so its term overflows (2^128.5) and must not be counted.
void scores_beside_the_last_key(int type) {
  for_each_attention([&](Backend& backend, const std::string& name) {
    Call c(type, {1, 5, 3, 1, 32});
    for (size_t i = 0; i < c.q.size(); i++) c.q.set(i, 4);
    for (size_t i = 0; i < c.kv.size(); i++) c.kv.set(i, i % 64 < 32 ? -3.984375f : 1);
    c.forward(backend), c.backward(backend);
    for (size_t i = 0; i < c.y.size(); i++)
      expect(std::fabs(c.y.get(i) - 1) < 1e-2, c.what(name) + ": values of 1 give " + std::to_string(c.y.get(i)));
    for (auto* gradient : {&c.dq, &c.dkv})
      for (size_t i = 0; i < gradient->size(); i++)
        expect(std::fabs(gradient->get(i)) < 10, c.what(name) + ": gradient " + std::to_string(gradient->get(i)));
  });
}

// A causal token's result has the same bits whatever the tokens after it.
void ignores_later_tokens(int type) {
  constexpr int TOKENS = 100, WIDTH = 32;
  for_each_attention([&](Backend& backend, const std::string& name) {
    Call a(type, {1, TOKENS, -1, 1, WIDTH}), b(type, {1, TOKENS, -1, 1, WIDTH});
    for (int changed : {1, 31, 50, 99}) {
      for (size_t i = size_t(changed) * 3 * WIDTH; i < b.q.size(); i++) b.q.set(i, 3 - a.q.get(i));
      a.forward(backend), b.forward(backend);
      expect(std::memcmp(a.y.data(), b.y.data(), size_t(changed) * WIDTH * (type ? 2 : 4)) == 0,
             a.what(name) + ": token " + std::to_string(changed) + " changes the tokens before it");
      expect(!same(a.y, b.y), a.what(name) + ": token " + std::to_string(changed) + " changes nothing");
      b.q = a.q;
    }
  });
}

void refusals() {
  Call c(0, {1, 4, 0, 1, 8});
  for (int width : {7, 12, 0}) {
    c.width = width;
    expect_refusal([&] { cpu().attention(c.call()); }, "the width is a multiple of 8");
  }
  Call cross(0, {1, 4, 5, 1, 8});
  cross.causal = true;
  expect_refusal([&] { cpu().attention(cross.call()); }, "4 queries and 5 keys");
}

// Each call is computed by the expected implementation: no silent fallback.
void implementations() {
  struct Row {
    int type, width;
    const char *avx2, *avx512_bf16, *amx, *emulator;
  };
  for (Row r :
       {Row{0, 32, "vectors (amx tiles: f32; bf16 pairs: f32)", "vectors (", "vectors (", "fused multiply-add (tensor cores: f32)"},
        Row{1, 32, "vectors (amx tiles: no AMX; bf16 pairs: no AVX-512 BF16)", "bf16 pairs (amx tiles: no AMX)", "amx tiles", "tensor cores"},
        Row{1, 64, "vectors (", "bf16 pairs (", "amx tiles", "tensor cores"},
        Row{1, 48, "vectors (", "bf16 pairs (", "bf16 pairs (amx tiles: the head width is not a multiple of 32)",
            "fused multiply-add (tensor cores: the head width is neither 32 nor 64)"},
        Row{1, 40, "vectors (", "vectors (amx tiles: no AMX; bf16 pairs: the head width is not a multiple of 16)",
            "vectors (amx tiles: the head width is not a multiple of 32; bf16 pairs: the head width is not a multiple of 16)",
            "fused multiply-add ("}})
    for_each_backend([&](Backend& backend, const std::string& name) {
      Call c(r.type, {1, 4, 0, 1, r.width});
      std::string got = backend.implementation(c.call());
      const char* wanted = backend.emulated() ? r.emulator : name == "amx" ? r.amx : name == "avx512_bf16" ? r.avx512_bf16 : r.avx2;
      if (r.type == 1 && name == "avx512") wanted = "vectors (";
      std::string prefix = backend.emulated() ? "" : name + " ";
      expect(got.rfind(prefix + wanted, 0) == 0, c.what(name) + " is computed by " + got);
      expect(backend.implementation(Backend::AttentionBackward{c.call(), nullptr, nullptr, nullptr}) == got, c.what(name) + " backward");
    });
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
      double forward = fastest(.4, [&] { c.forward(cpu()); }), backward = fastest(.4, [&] { c.backward(cpu()); });
      double work = 4. * c.rows() * c.keys;
      std::printf("%s B %2d T %4d S %4d C %3d D %3d: forward %7.3f ms %4.0f GFLOP/s %3.0f %%, backward %7.3f ms %4.0f GFLOP/s %3.0f %%\n",
                  type ? "bf16" : "f32 ", c.batch, c.queries, c.keys, c.heads * c.width, c.width, forward * 1e3, work / forward / 1e9,
                  100 * work / forward / flops, backward * 1e3, 2.5 * work / backward / 1e9, 250 * work / backward / flops);
    }
  return 0;
}

}  // namespace

int test_attention() {
  if (arguments == std::vector<std::string>{"bench"}) return bench();
  for (int type = 0; type < 2; type++) {
    // f32: sums of up to 1024 products and the exponential's error of 2e-7; bf16: rounding of the result, and of y, from which delta is
    // computed.
    double tolerance = type == 0 ? 1e-5 : 8e-3;
    for (On on : {On::LEVELS, On::CUDA, On::EMULATED_TILES}) {
      for (auto& shape : shapes()) against_reference(on, type, on == On::LEVELS || large_on_cuda ? shape : for_emulators(shape), 1, tolerance);
      // Scores up to a few hundred: one key gets nearly all of the probability, and the absolute rounding error of a score becomes a
      // relative error of its exponential.
      against_reference(on, type, {1, 40, 0, 2, 32}, 6, type == 0 ? 2e-4 : 2e-2);
    }
    repeatable(type, 0);
    repeatable(type, -1);
    ignores_later_tokens(type);
    scores_beside_the_last_key(type);
  }
  finite_differences({1, 5, 0, 2, 8});
  finite_differences({2, 5, 7, 1, 8});
  finite_differences({2, 5, -1, 1, 8});
  nan_stays();
  refusals();
  implementations();
  return result("attention");
}
