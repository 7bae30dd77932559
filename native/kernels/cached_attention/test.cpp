#include <cstring>

#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

// The results of all positions, [tokens, batch, heads * width], and the cache after the last one.
struct Run {
  Array y, cache;
};

Run run(Backend& backend, int type, const std::vector<int>& shape, const Array& qkv) {
  int batch = shape[0], tokens = shape[1], c = shape[2] * shape[3];
  size_t bytes = type ? 2 : 4;
  Run r{Array(type, size_t(tokens) * batch * c), Array(type, size_t(batch) * tokens * 2 * c)};
  for (size_t i = 0; i < r.cache.size(); i++) r.cache.set(i, NAN);  // nothing is read before it was written
  for (int position = 0; position < tokens; position++)
    backend.cached_attention({type, batch, tokens, shape[2], shape[3], static_cast<const char*>(qkv.data()) + bytes * position * batch * 3 * c,
                              &position, r.cache.data(), static_cast<char*>(r.y.data()) + bytes * position * batch * c});
  return r;
}

void against_reference(int type, const std::vector<int>& shape) {
  size_t c = size_t(shape[2]) * shape[3];
  Array qkv = Array::normal(type, size_t(shape[1]) * shape[0] * 3 * c, 1);
  Run expected{Array(type, 0), Array(type, 0)};
  at_reference([&](Backend& backend) { expected = run(backend, type, shape, qkv); });
  auto compare = [&](Backend& backend, const std::string& name) {
    std::ostringstream what;
    what << name << " cached_attention type " << type << " " << shape[0] << " " << shape[1] << " " << shape[2] << " " << shape[3];
    Run got = run(backend, type, shape, qkv);
    expect_close(got.y, expected.y, type ? 4e-3 : 2e-6, what.str());
    expect(std::memcmp(got.cache.data(), expected.cache.data(), got.cache.size() * (type ? 2 : 4)) == 0, what.str() + " cache");
    int before = threads();
    set_threads(3);
    expect(std::memcmp(run(backend, type, shape, qkv).y.data(), got.y.data(), got.y.size() * (type ? 2 : 4)) == 0,
           what.str() + " depends on the number of threads");
    set_threads(before);
  };
  for_each_backend(compare, shape[1] > 64);
}

// Each position's result is that row of a causal attention.
void as_causal_attention() {
  constexpr int TOKENS = 9, C = 16;
  for_each_backend([](Backend& backend, const std::string& name) {
    Array qkv = Array::normal(0, size_t(TOKENS) * 3 * C, 2), y(0, TOKENS * C), lse(0, TOKENS);
    Run got = run(backend, 0, {1, TOKENS, 1, C}, qkv);
    Backend::Attention whole{0, 1, TOKENS, TOKENS, 1, C, qkv.data(), nullptr, y.data(), lse.f.data(), threads(), nullptr, true};
    auto scratch = with_scratch(backend, whole);
    backend.attention(whole);
    expect_close(got.y, y, 2e-6, name + " cached_attention beside attention");
  });
}

// The CPU throws for a position beyond the cache, a GPU cannot.
void positions_beyond_the_cache() {
  Array qkv(0, 24), cache(0, 32), y(0, 8);
  for (int bad : {-1, 2}) {
    Backend::CachedAttention o{0, 1, 2, 1, 8, qkv.data(), &bad, cache.data(), y.data()};
    expect_refusal([&] { cpu().cached_attention(o); }, "position " + std::to_string(bad) + " of 2 tokens");
    on_cuda([&](Backend& backend, const std::string& name) {
      backend.cached_attention(o);
      expect(std::isnan(y.get(0)), name + " cached_attention at position " + std::to_string(bad));
    });
  }
  int first = 0;
  expect_refusal([&] { cpu().cached_attention({0, 1, 2, 1, 12, qkv.data(), &first, cache.data(), y.data()}); }, "multiple of 8");
}

}  // namespace

int test_cached_attention() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) against_reference(type, shape);
  as_causal_attention();
  positions_beyond_the_cache();
  return result("cached_attention");
}
