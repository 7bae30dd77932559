// Vectors of FIZZY_LANES floats, for kernels/*/cpu.cpp only: the same source is compiled for AVX2 (8 lanes) and AVX-512 (16 lanes).
// Arithmetic uses GCC's vector extension; the operations that it lacks are below.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "common/bf16.h"

namespace fizzy::FIZZY_LEVEL {

constexpr int LANES = FIZZY_LANES;
typedef float vfloat __attribute__((vector_size(LANES * 4)));
typedef int32_t vint __attribute__((vector_size(LANES * 4)));
typedef uint32_t vuint __attribute__((vector_size(LANES * 4)));
typedef uint16_t vhalf __attribute__((vector_size(LANES * 2)));

inline vfloat splat(float v) { return vfloat{} + v; }

inline vfloat load(const float* p) {
  vfloat v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline vfloat load(const bf16* p) {
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  __m512i words = _mm512_maskz_cvtepu16_epi32(0xffff, _mm256_loadu_si256((const __m256i*)p));
  return (vfloat)_mm512_maskz_slli_epi32(0xffff, words, 16);
#else
  vfloat v;
  for (int i = 0; i < LANES; i += 8) {
    __m256i bits = _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)(p + i))), 16);
    std::memcpy((float*)&v + i, &bits, 32);
  }
  return v;
#endif
}
inline void store(float* p, vfloat v) { std::memcpy(p, &v, sizeof v); }
inline void store(bf16* p, vfloat v) {
#ifdef __AVX512BF16__
  __m256bh half = _mm512_cvtneps_pbh((__m512)v);
  std::memcpy(p, &half, sizeof half);
#else
  // Rounds to nearest even without a constant that the compiler would load again in every loop: two shifts extract the lowest kept bit, and
  // adding NaN to itself makes it quiet.
  vuint bits = (vuint)v;
  vuint rounded = bits + ((bits << 15) >> 31) + 0x7fffu;
  vuint half = (v != v ? (vuint)(v + v) : rounded) >> 16;
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  _mm256_storeu_si256((__m256i*)p, _mm512_maskz_cvtepi32_epi16(0xffff, (__m512i)half));
#else
  for (int i = 0; i < LANES; i += 8) {
    __m256i words;
    std::memcpy(&words, (const char*)&half + 4 * i, 32);
    words = _mm256_permute4x64_epi64(_mm256_packus_epi32(words, words), 8);
    _mm_storeu_si128((__m128i*)(p + i), _mm256_castsi256_si128(words));
  }
#endif
#endif
}

// store() past the caches, for results larger than they are: the line is not read before it is written. p must be aligned to the vector;
// call stream_end() before another thread reads.
inline void stream(float* p, vfloat v) {
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  _mm512_stream_ps(p, (__m512)v);
#else
  for (int i = 0; i < LANES; i += 8) {
    __m256 part;
    std::memcpy(&part, (const float*)&v + i, 32);
    _mm256_stream_ps(p + i, part);
  }
#endif
}
inline void stream(bf16* p, vfloat v) {
#ifdef __AVX512BF16__
  __m256bh half = _mm512_cvtneps_pbh((__m512)v);
  __m256i words;
  std::memcpy(&words, &half, sizeof words);
  _mm256_stream_si256((__m256i*)p, words);
#else
  bf16 half[LANES];
  store(half, v);
  for (int i = 0; i < LANES; i += 8) {
    __m128i part;
    std::memcpy(&part, half + i, 16);
    _mm_stream_si128((__m128i*)(p + i), part);
  }
#endif
}
inline void stream_end() { _mm_sfence(); }

// Loads and stores of the first n < LANES elements; the rest reads as zero.
template <typename T>
inline vfloat load_part(const T* p, int n) {
  T lanes[LANES] = {};
  std::memcpy(lanes, p, n * sizeof(T));
  return load(lanes);
}
template <typename T>
inline void store_part(T* p, vfloat v, int n) {
  T lanes[LANES];
  store(lanes, v);
  std::memcpy(p, lanes, n * sizeof(T));
}

// a*b+c in one rounding.
inline vfloat fma(vfloat a, vfloat b, vfloat c) {
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  return (vfloat)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#else
  vfloat r;
  for (int i = 0; i < LANES; i += 8) {
    __m256 x, y, z;
    std::memcpy(&x, (const float*)&a + i, 32);
    std::memcpy(&y, (const float*)&b + i, 32);
    std::memcpy(&z, (const float*)&c + i, 32);
    x = _mm256_fmadd_ps(x, y, z);
    std::memcpy((float*)&r + i, &x, 32);
  }
  return r;
#endif
}

// Correctly rounded, as IEEE 754 requires. (The unmasked AVX-512 forms in GCC 12's header cause a warning about their own undefined
// operand.)
inline vfloat sqrt(vfloat a) {
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  return (vfloat)_mm512_maskz_sqrt_ps(0xffff, (__m512)a);
#else
  vfloat r;
  for (int i = 0; i < LANES; i += 8) {
    __m256 x;
    std::memcpy(&x, (const float*)&a + i, 32);
    x = _mm256_sqrt_ps(x);
    std::memcpy((float*)&r + i, &x, 32);
  }
  return r;
#endif
}

// a > b ? a : b and a < b ? a : b, which is exactly one instruction: if either is NaN, the result is b.
#if FIZZY_LANES == 16 && defined(__AVX512F__)
inline vfloat max(vfloat a, vfloat b) { return (vfloat)_mm512_maskz_max_ps((__mmask16)-1, (__m512)a, (__m512)b); }
inline vfloat min(vfloat a, vfloat b) { return (vfloat)_mm512_maskz_min_ps((__mmask16)-1, (__m512)a, (__m512)b); }
#elif FIZZY_LANES == 8
inline vfloat max(vfloat a, vfloat b) { return (vfloat)_mm256_max_ps((__m256)a, (__m256)b); }
inline vfloat min(vfloat a, vfloat b) { return (vfloat)_mm256_min_ps((__m256)a, (__m256)b); }
#else
inline vfloat max(vfloat a, vfloat b) { return a > b ? a : b; }
inline vfloat min(vfloat a, vfloat b) { return a < b ? a : b; }
#endif

// Sum and maximum of the lanes by pairwise halves, an order that does not depend on the number of lanes of the machine.
inline float sum(vfloat v) {
  float lanes[LANES];
  store(lanes, v);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  return lanes[0];
}
inline float max(vfloat v) {
  float lanes[LANES];
  store(lanes, v);
  float m = lanes[0];
  for (int i = 1; i < LANES; i++) m = lanes[i] > m ? lanes[i] : m;
  return m;
}

// e^x, relative error below 2e-7; exact limits outside [-87.3, 88.7]. Cephes' polynomial after reduction by ln 2.
inline vfloat exp(vfloat x) {
  vfloat lowest = splat(-87.33654f), highest = splat(88.72283f);
  vfloat clamped = min(max(x, lowest), highest);
  vfloat scaled = clamped * 1.44269504f;
  vint n = __builtin_convertvector(scaled + (scaled < 0 ? splat(-.5f) : splat(.5f)), vint);
  vfloat nf = __builtin_convertvector(n, vfloat);
  vfloat r = fma(nf, splat(-.693359375f), clamped);
  r = fma(nf, splat(2.12194440e-4f), r);
  vfloat p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r + 1.f);
  // 2^n as a product of two powers, so that n = 128 does not overflow unless the product does.
  vint half = n >> 1;
  vint a = (half + 127) << 23, b = (n - half + 127) << 23;
  p = p * (vfloat)a * (vfloat)b;
  vfloat y = x < lowest ? vfloat{} : p;
  return x != x ? x : y;
}

// 1 + e^-x for x loaded as T; NaN gives NaN. Relative error below 3e-7 if the result is below 1e37; for bf16 below 6e-6, by a polynomial
// for 2^f without the exact reduction by ln 2. The result is at most 2^highest.
template <typename T>
inline vfloat sigmoid_divisor(vfloat x, float highest = 125) {
  vfloat base = splat(-1.44269504f);
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  if (sizeof(T) == 2) {
    // AVX-512 has instructions for 2^floor(t) and t - floor(t).
    vfloat t = min(splat(highest), x * base);
    vfloat f = (vfloat)_mm512_maskz_reduce_ps(0xffff, (__m512)t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    vfloat p = splat(.0135341679f);
    p = fma(p, f, splat(.0520114606f));
    p = fma(p, f, splat(.241442757f));
    p = fma(p, f, splat(.693003834f));
    p = fma(p, f, splat(1.00000259f));
    return 1.f + (vfloat)_mm512_maskz_scalef_ps(0xffff, (__m512)p, (__m512)t);
  }
  // A table of 32 values in two registers: e^-x = 2^n e^r for n in steps of 1/32; the table gives 2 to the fraction of n.
  static const float table[32] = {1.f,         1.0218972f,  1.04427373f, 1.06714046f, 1.09050775f, 1.1143868f,  1.13878858f, 1.1637249f,
                                  1.18920708f, 1.21524739f, 1.24185777f, 1.26905096f, 1.29683959f, 1.32523668f, 1.35425556f, 1.38390994f,
                                  1.41421354f, 1.44518077f, 1.47682619f, 1.50916445f, 1.54221082f, 1.5759809f,  1.61049032f, 1.64575553f,
                                  1.68179286f, 1.71861935f, 1.75625217f, 1.79470909f, 1.8340081f,  1.87416768f, 1.91520655f, 1.95714414f};
  vfloat limit = splat(87), magic = splat(393216.f), v = min(limit, max(-limit, x)), t = fma(v, base, magic), n = t - magic;
  vfloat step = (vfloat)_mm512_permutex2var_ps((__m512)load(table), (__m512i)t, (__m512)load(table + LANES));
  vfloat minus_r = fma(n, splat(-2.12194440e-4f), fma(n, splat(.693359375f), v));
  vfloat p = minus_r * fma(minus_r, splat(.5000046f), splat(-1.0000147f));
  return 1.f + (vfloat)_mm512_maskz_scalef_ps(0xffff, (__m512)fma(step, p, step), (__m512)n);
#else
  // 2^n from the bits of x log2(e) + 1.5 2^23.
  vfloat limit = splat(highest * .69314718f), magic = splat(12582912.f);
  vfloat v = min(limit, max(-limit, x)), t = fma(v, base, magic), p;
  if (sizeof(T) == 2) {
    vfloat f = fma(v, base, magic - t);
    p = splat(0.0013276472f);
    p = fma(p, f, splat(0.0096755415f));
    p = fma(p, f, splat(0.0555071328f));
    p = fma(p, f, splat(0.240221197f));
    p = fma(p, f, splat(0.693146967f));
    p = fma(p, f, splat(1.00000007f));
  } else {
    vfloat n = t - magic;
    vfloat r = fma(n, splat(-.693359375f), -v);
    r = fma(n, splat(2.12194440e-4f), r);
    p = splat(1.9875691500e-4f);
    p = fma(p, r, splat(1.3981999507e-3f));
    p = fma(p, r, splat(8.3334519073e-3f));
    p = fma(p, r, splat(4.1665795894e-2f));
    p = fma(p, r, splat(1.6666665459e-1f));
    p = fma(p, r, splat(5.0000001201e-1f));
    p = fma(p, r * r, r + 1.f);
  }
  return 1.f + (vfloat)((vuint)p + ((vuint)t << 23));
#endif
}

template <typename T>
inline vfloat sigmoid(vfloat x) {
  return 1.f / sigmoid_divisor<T>(x);
}
template <typename T>
inline vfloat silu(vfloat x) {
  return x / sigmoid_divisor<T>(x);
}

// Sigmoids of several vectors. In bf16 two share a division, 1/a = b/(ab); there results are at least 2^-62 (x > -43), so that the product
// is finite, and a NaN in one of the two makes both NaN.
template <typename T, int N>
inline void sigmoids(const vfloat (&x)[N], vfloat (&s)[N]) {
  int i = 0;
  for (; sizeof(T) == 2 && i + 2 <= N; i += 2) {
    vfloat a = sigmoid_divisor<T>(x[i], 62), b = sigmoid_divisor<T>(x[i + 1], 62), inverse = 1.f / (a * b);
    s[i] = inverse * b;
    s[i + 1] = inverse * a;
  }
  for (; i < N; i++) s[i] = sigmoid<T>(x[i]);
}
template <typename T, int N>
inline void silu(vfloat (&x)[N]) {
  vfloat s[N];
  sigmoids<T>(x, s);
  for (int i = 0; i < N; i++) x[i] *= s[i];
}

}  // namespace fizzy::FIZZY_LEVEL
