#include "kernels/adam/adam.h"

#include "common/parallel.h"
#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Eight lanes at every level, so that the sum's order, and with it every weight after it, is the same.
typedef float float8 __attribute__((vector_size(32)));
typedef double double8 __attribute__((vector_size(64)));

double sum_of_squares(const float* p, int64_t n) {
  double8 even = {}, odd = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    float8 a, b;
    std::memcpy(&a, p + i, sizeof a);
    std::memcpy(&b, p + i + 8, sizeof b);
    double8 x = __builtin_convertvector(a, double8), y = __builtin_convertvector(b, double8);
    even += x * x;
    odd += y * y;
  }
  even += odd;
  double sum = 0;
  for (int l = 0; l < 8; l++) sum += even[l];
  for (; i < n; i++) sum += static_cast<double>(p[i]) * p[i];
  return sum;
}

}  // namespace

void gradient_norm(const float* gradients, float* norm, double* partials, int64_t n) {
  int64_t share = ((n + ADAM_PARTIALS - 1) / ADAM_PARTIALS + 15) / 16 * 16;
  parallel_for(ADAM_PARTIALS, [&](int64_t c) {
    int64_t begin = c * share < n ? c * share : n, end = begin + share < n ? begin + share : n;
    partials[c] = sum_of_squares(gradients + begin, end - begin);
  });
  double sum = 0;
  for (int64_t c = 0; c < ADAM_PARTIALS; c++) sum += partials[c];
  *norm = static_cast<float>(std::sqrt(sum));
}

// Floor: 36 bytes a weight over bandwidth (five arrays read, four written), and 4 more for the norm.
void adam(const AdamSettings& s, float clip, float* values, const float* gradients, float* first_moment, float* second_moment, float* average,
          int64_t n) {
  vfloat clipping = splat(clip), beta1 = splat(s.beta1), beta2 = splat(s.beta2), rest1 = splat(1 - s.beta1), rest2 = splat(1 - s.beta2);
  vfloat rate = splat(-s.lr / s.correction1), correction2 = splat(1 / s.correction2), eps = splat(s.eps);
  vfloat decay = splat(s.decay), fresh = splat(1 - s.decay);
  auto part = [&](int64_t i, auto load_at, auto store_at) {
    vfloat g = clipping * load_at(gradients + i);
    vfloat m = fma(beta1, load_at(first_moment + i), rest1 * g);
    vfloat v = fma(beta2, load_at(second_moment + i), rest2 * g * g);
    vfloat w = fma(rate, m / (sqrt(v * correction2) + eps), load_at(values + i));
    store_at(first_moment + i, m);
    store_at(second_moment + i, v);
    store_at(values + i, w);
    store_at(average + i, fma(decay, load_at(average + i), fresh * w));
  };
  constexpr int64_t GRAIN = 1 << 13;  // five streams of 32 KiB
  parallel_chunks(n, GRAIN, [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) part(i, [](const float* p) { return load(p); }, [](float* p, vfloat v) { store(p, v); });
    int rest = static_cast<int>(end - i);
    if (rest > 0) part(i, [=](const float* p) { return load_part(p, rest); }, [=](float* p, vfloat v) { store_part(p, v, rest); });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
