// What attention's three products share: operands packed in panels, sums over lanes, and 2^x.
// B is packed in panels of PANEL columns, [columns/PANEL][depth][PANEL], the last padded with zeros, so that a step along the depth reads
// one contiguous PANEL.
#pragma once
#include <algorithm>
#include <cmath>

#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int PANEL = 2 * LANES;
constexpr int ROWS = 6;  // of C that a product keeps in registers, by two vectors
constexpr float LN2 = .69314718056f, LOG2_E = 1.44269504089f;

// Eight elements as floats, at every level.
inline __m256 load8(const float* p) { return _mm256_loadu_ps(p); }
inline __m256 load8(const bf16* p) {
  __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}

// Transposes 8x8 in registers.
inline void transpose8(__m256 m[8]) {
  __m256 t[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(m[i], m[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(m[i], m[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    m[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
    m[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
    m[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    m[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm256_permute2f128_ps(m[i], m[i + 4], 0x20);
    t[i + 4] = _mm256_permute2f128_ps(m[i], m[i + 4], 0x31);
  }
  for (int i = 0; i < 8; i++) m[i] = t[i];
}

// Packs the transpose of `rows` [rows][width] into panels: the rows become columns of B. width is a multiple of 8.
template <typename T>
inline void pack_transposed(const T* rows, int64_t stride, int count, int width, float* panels) {
  for (int n = 0; n < count; n += PANEL, panels += int64_t{width} * PANEL)
    for (int group = 0; group < PANEL; group += 8)
      for (int d = 0; d < width; d += 8) {
        __m256 m[8];
        for (int i = 0; i < 8; i++) {
          int row = n + group + i;
          m[i] = row < count ? load8(rows + row * stride + d) : _mm256_setzero_ps();
        }
        transpose8(m);
        for (int i = 0; i < 8; i++) _mm256_storeu_ps(panels + (d + i) * PANEL + group, m[i]);
      }
}

// Packs `rows` [depth][width] times a factor into panels: columns stay columns of B. width is a multiple of 8.
template <typename T>
inline void pack_panels(const T* rows, int64_t stride, int depth, int width, float factor, float* panels) {
  __m256 times = _mm256_set1_ps(factor), zero = _mm256_setzero_ps();
  for (int n = 0; n < width; n += PANEL, panels += int64_t{depth} * PANEL)
    for (int d = 0; d < depth; d++)
      for (int i = 0; i < PANEL; i += 8)
        _mm256_storeu_ps(panels + d * PANEL + i, n + i < width ? _mm256_mul_ps(load8(rows + d * stride + n + i), times) : zero);
}

// Copies rows without gaps, times a factor.
template <typename T>
inline void pack_rows(const T* rows, int64_t stride, int count, int width, float factor, float* packed) {
  __m256 times = _mm256_set1_ps(factor);
  for (int r = 0; r < count; r++)
    for (int d = 0; d < width; d += 8) _mm256_storeu_ps(packed + r * width + d, _mm256_mul_ps(load8(rows + r * stride + d), times));
}

// out[0 .. width) = in * factor. Inlined always: narrow heads have rows of two vectors.
template <typename T>
[[gnu::always_inline]] inline void write_row(const float* in, float factor, int width, T* out) {
  int d = 0;
  for (; d + LANES <= width; d += LANES) store(out + d, load(in + d) * factor);
  if (d < width) store_part(out + d, load_part(in + d, width - d) * factor, width - d);
}

// Sum or maximum of all lanes, by pairwise halves; every lane of the result holds it.
template <typename Pair>
inline vfloat fold(vfloat v, Pair pair) {
#if FIZZY_LANES == 16
  v = pair(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  v = pair(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  v = pair(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  return pair(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
#else
  v = pair(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3));
  v = pair(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5));
  return pair(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
#endif
}
inline vfloat fold_sum(vfloat v) {
  return fold(v, [](vfloat a, vfloat b) { return a + b; });
}
inline vfloat fold_max(vfloat v) {
  return fold(v, [](vfloat a, vfloat b) { return max(a, b); });
}

// 2^x for x <= 127, relative error below 2e-7; NaN gives NaN, x below -126 gives 2^-126. A polynomial of degree 6, interpolated at the
// Chebyshev nodes of [-1/2, 1/2], error 3e-9; the rest of the error is rounding.
inline vfloat exp2(vfloat x) {
  vfloat lowest = splat(-126), magic = splat(12582912.f);  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  vfloat clamped = lowest > x ? lowest : x;
  vfloat shifted = clamped + magic;
  vfloat f = clamped - (shifted - magic);
  vfloat p = fma(splat(.000154614447f), f, splat(.001340042818f));
  p = fma(p, f, splat(.009618056679f));
  p = fma(p, f, splat(.05550327227f));
  p = fma(p, f, splat(.2402265092f));
  p = fma(p, f, splat(.6931472067f));
  p = fma(p, f, splat(1));
  return (vfloat)((vint)p + ((vint)shifted << 23));
}

template <typename T>
inline float dot(const T* a, const T* b, int width) {
  vfloat sum = {};
  int d = 0;
  for (; d + LANES <= width; d += LANES) sum = fma(load(a + d), load(b + d), sum);
  if (d < width) sum = fma(load_part(a + d, width - d), load_part(b + d, width - d), sum);
  return fold_sum(sum)[0];
}

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
