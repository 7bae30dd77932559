// Philox and Box-Muller on vectors, for kernels/*/cpu.cpp only: one block per lane. Bit for bit the results of common/philox.h and
// common/normal.h. About 9 cycles an element with AVX2: compute-bound, and about 1 % of the time of evaluating a network.
#pragma once
#include "common/normal.h"
#include "common/parallel.h"
#include "common/philox.h"
#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {

constexpr int RANDOM_SPAN = 4 * LANES;     // elements drawn together
constexpr int64_t RANDOM_GRAIN = 1 << 12;  // elements of a row per task: about 10 us of drawing

// Upper and lower halves of the 64-bit products a*m, lane by lane.
inline void multiply_wide(vuint a, uint32_t m, vuint& high, vuint& low) {
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  __m512i x = (__m512i)a, factor = _mm512_set1_epi32(static_cast<int>(m));
  __m512i even = _mm512_maskz_mul_epu32(0xff, x, factor), odd = _mm512_maskz_mul_epu32(0xff, _mm512_maskz_srli_epi64(0xff, x, 32), factor);
  high = (vuint)_mm512_mask_blend_epi32(0xAAAA, _mm512_maskz_srli_epi64(0xff, even, 32), odd);
  low = (vuint)_mm512_mask_blend_epi32(0xAAAA, even, _mm512_maskz_slli_epi64(0xff, odd, 32));
#else
  for (int i = 0; i < LANES; i += 8) {
    __m256i x, factor = _mm256_set1_epi32(static_cast<int>(m));
    std::memcpy(&x, (const uint32_t*)&a + i, 32);
    __m256i even = _mm256_mul_epu32(x, factor), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), factor);
    __m256i h = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    __m256i l = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    std::memcpy((uint32_t*)&high + i, &h, 32);
    std::memcpy((uint32_t*)&low + i, &l, 32);
  }
#endif
}

inline void philox_blocks(const uint32_t key[2], vuint counter[4]) {
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    vuint high0, low0, high1, low1;
    multiply_wide(counter[0], PHILOX_M0, high0, low0);
    multiply_wide(counter[2], PHILOX_M1, high1, low1);
    counter[0] = high1 ^ counter[1] ^ k0;
    counter[2] = high0 ^ counter[3] ^ k1;
    counter[1] = low1;
    counter[3] = low0;
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
}

// The words of LANES blocks, beginning with `block`, one block per lane.
inline void random_blocks(const RandomRow& row, uint32_t block, vuint words[4]) {
  vuint lane;
  for (int i = 0; i < LANES; i++) lane[i] = i;
  words[0] = lane + block;
  words[1] = vuint{} + row.use;
  words[2] = vuint{} + row.row[0];
  words[3] = vuint{} + row.row[1];
  philox_blocks(row.key, words);
}

// Transposes from one block per lane to the order of the elements.
template <typename T, typename V>
inline void in_element_order(const V vectors[4], T out[RANDOM_SPAN]) {
  T lanes[4][LANES];
  std::memcpy(lanes, vectors, sizeof lanes);
  for (int i = 0; i < LANES; i++)
    for (int k = 0; k < 4; k++) out[4 * i + k] = lanes[k][i];
}

// The words of RANDOM_SPAN elements, beginning with `element`, a multiple of 4.
inline void random_words(const RandomRow& row, int64_t element, uint32_t out[RANDOM_SPAN]) {
  vuint words[4];
  random_blocks(row, static_cast<uint32_t>(element / 4), words);
  in_element_order(words, out);
}

inline vfloat box_muller_radius(vuint word) {
  vfloat u = __builtin_convertvector((vint)((word >> 8) + 1), vfloat) * 0x1p-24f;
  vuint bits = (vuint)u;
  vint exponent = (vint)(bits >> 23) - 126;
  vfloat m = (vfloat)((bits & 0x7fffffu) | 0x3f000000u);
  vint small = (vint)(m < splat(SQRT_HALF));
  exponent += small;  // a true lane is -1
  m = small ? m + m : m;
  vfloat r = m - 1.f, square = r * r, p = splat(LOG_P[0]), e = __builtin_convertvector(exponent, vfloat);
  for (int i = 1; i < 9; i++) p = fma(p, r, splat(LOG_P[i]));
  vfloat tail = p * r * square;
  tail = fma(e, splat(LN2_LOW), tail);
  tail = fma(splat(-.5f), square, tail);
  vfloat log = fma(e, splat(LN2_HIGH), r + tail);
  return sqrt(-2.f * log);
}

inline void box_muller(vuint radius_word, vuint angle_word, vfloat& first, vfloat& second) {
  vfloat radius = box_muller_radius(radius_word);
  vint turn = (vint)(angle_word >> 8), quadrant = (turn + (1 << 21)) >> 22;
  vfloat a = __builtin_convertvector(turn - (quadrant << 22), vfloat) * ANGLE, square = a * a;
  vfloat s = fma(fma(splat(SIN_S[0]), square, splat(SIN_S[1])), square, splat(SIN_S[2]));
  s = fma(s * square, a, a);
  vfloat c = fma(fma(splat(COS_C[0]), square, splat(COS_C[1])), square, splat(COS_C[2]));
  c = fma(c * square, square, fma(splat(-.5f), square, splat(1.f)));
  vint odd = -(quadrant & 1);
  vuint cosine = (vuint)(odd ? s : c), sine = (vuint)(odd ? c : s);
  cosine ^= (vuint)(((quadrant + 1) & 2) << 30);  // the sign bit
  sine ^= (vuint)((quadrant & 2) << 30);
  first = radius * (vfloat)cosine;
  second = radius * (vfloat)sine;
}

// The normal numbers of RANDOM_SPAN elements, beginning with `element`, a multiple of 4.
inline void random_normals(const RandomRow& row, int64_t element, float out[RANDOM_SPAN]) {
  vuint words[4];
  random_blocks(row, static_cast<uint32_t>(element / 4), words);
  vfloat normals[4];
  box_muller(words[0], words[1], normals[0], normals[1]);
  box_muller(words[2], words[3], normals[2], normals[3]);
  in_element_order(normals, out);
}

// Calls body(b, begin, end) for pieces of the rows of [B,N]; begin is a multiple of RANDOM_SPAN.
template <typename Body>
inline void parallel_rows(int64_t batch, int64_t n, Body body) {
  int64_t pieces = (n + RANDOM_GRAIN - 1) / RANDOM_GRAIN;
  parallel_for(batch * pieces, [&](int64_t i) {
    int64_t begin = i % pieces * RANDOM_GRAIN, end = begin + RANDOM_GRAIN < n ? begin + RANDOM_GRAIN : n;
    body(i / pieces, begin, end);
  });
}

// Calls body(i, noise, count) for the vectors of [begin,end) of a row; count < LANES only at its end.
template <typename Body>
inline void with_normals(const RandomRow& row, int64_t begin, int64_t end, Body body) {
  float noise[RANDOM_SPAN];
  for (int64_t at = begin; at < end; at += RANDOM_SPAN) {
    random_normals(row, at, noise);
    for (int v = 0; v < RANDOM_SPAN && at + v < end; v += LANES)
      body(at + v, load(noise + v), at + v + LANES <= end ? LANES : static_cast<int>(end - at - v));
  }
}

// Loads and stores of whole vectors, or of `count` elements at the end of a row.
template <typename T>
inline vfloat load_up_to(const T* p, int count) {
  return count == LANES ? load(p) : load_part(p, count);
}
template <typename T>
inline void store_up_to(T* p, vfloat v, int count) {
  if (count == LANES) store(p, v);
  else store_part(p, v, count);
}

}  // namespace fizzy::FIZZY_LEVEL
