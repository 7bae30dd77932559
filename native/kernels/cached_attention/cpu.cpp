// Floor: keys and values of the tokens so far read once over bandwidth. One task a head; scores stay in level 1. In f32 for both types.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/cached_attention/cached_attention.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The sum of q k over the width.
template <typename T>
float product(const T* q, const T* k, int width) {
  vfloat sums = {};
  int d = 0;
  for (; d + LANES <= width; d += LANES) sums = fma(load(q + d), load(k + d), sums);
  if (d < width) sums = fma(load_part(q + d, width - d), load_part(k + d, width - d), sums);
  return sum(sums);
}

// Turns n scores into exp(score - largest), and returns their sum.
float exponentials(float* scores, int n) {
  float largest = scores[0], total = 0;
  for (int j = 1; j < n; j++) largest = scores[j] > largest ? scores[j] : largest;
  for (int j = 0; j < n; j += LANES) {
    int count = std::min(LANES, n - j);
    store_part(scores + j, exp(load_part(scores + j, count) - splat(largest)), count);
  }
  for (int j = 0; j < n; j++) total += scores[j];
  return total;
}

// y = the sum over n tokens of their share times their values, which are `stride` apart, for COUNT channels.
template <typename T>
void mean(const float* shares, float total, const T* values, int64_t stride, int n, int count, T* y) {
  vfloat sums = {};
  for (int j = 0; j < n; j++) sums = fma(splat(shares[j]), load_part(values + j * stride, count), sums);
  store_part(y, sums * splat(1 / total), count);
}

template <typename T>
void head(const Backend::CachedAttention& o, int64_t task) {
  int64_t image = task / o.heads, c = int64_t{o.heads} * o.width, first = task % o.heads * o.width;
  int last = *o.position;
  const T* q = static_cast<const T*>(o.qkv) + image * 3 * c + first;
  T* keys = static_cast<T*>(o.cache) + image * o.tokens * 2 * c + first;
  std::memcpy(keys + last * 2 * c, q + c, o.width * sizeof(T));
  std::memcpy(keys + last * 2 * c + c, q + 2 * c, o.width * sizeof(T));
  float scores[CACHED_TOKENS_MAX], scale = 1 / std::sqrt(static_cast<float>(o.width));
  for (int j = 0; j <= last; j++) scores[j] = scale * product(q, keys + j * 2 * c, o.width);
  float total = exponentials(scores, last + 1);
  for (int d = 0; d < o.width; d += LANES)
    mean(scores, total, keys + c + d, 2 * c, last + 1, std::min(LANES, o.width - d), static_cast<T*>(o.y) + image * c + first + d);
}

}  // namespace

void cached_attention(const Backend::CachedAttention& o) {
  by_type(o.type, [&](auto t) { parallel_for(int64_t{o.batch} * o.heads, [&](int64_t task) { head<decltype(t)>(o, task); }); });
}

}  // namespace fizzy::FIZZY_LEVEL
