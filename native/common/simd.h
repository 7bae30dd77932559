// Vectors of FIZZY_LANES floats, for kernels/*/cpu.cpp only: the same source serves AVX2 (8) and AVX-512 (16 lanes).
// Plain arithmetic comes from GCC's vector extension; what it cannot say is below.
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
  // To nearest even without a constant that the compiler would build anew in every loop: the lowest bit kept comes from two
  // shifts, and adding NaN to itself makes it quiet.
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

// store() past the caches, for what is larger than they are: the line is not read before it is written. p is aligned to the
// vector; stream_end() before another thread may read.
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

// Correctly rounded, as IEEE 754 asks. (The unmasked AVX-512 forms of GCC 12's header warn of their own undefined operand.)
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

// a > b ? a : b and a < b ? a : b, in the one instruction that means just that: where either is NaN, b.
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

// Sum and maximum of the lanes, in an order that does not depend on the number of lanes a machine has: pairwise halves.
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
  // 2^n in two halves, so that n = 128 does not overflow before the product does.
  vint half = n >> 1;
  vint a = (half + 127) << 23, b = (n - half + 127) << 23;
  p = p * (vfloat)a * (vfloat)b;
  vfloat y = x < lowest ? vfloat{} : p;
  return x != x ? x : y;
}

// 1 + e^-x for x that was loaded as T. The exponential is exp's, less what is not needed here: no limits, because the argument
// is held to +-87, and 2^n straight from the bits of x log2(e) + 1.5 2^23. NaN stays. Relative error below 3e-7 where the
// result is below 1e37; for bf16 below 3e-6, by a polynomial for 2^f without the careful reduction by ln 2.
template <typename T>
inline vfloat sigmoid_divisor(vfloat x, float most = 87) {
  vfloat limit = splat(most), magic = splat(12582912.f), base = splat(-1.44269504f);
  vfloat v = max(-limit, x);
  v = min(limit, v);
  vfloat t = fma(v, base, magic), p;
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
}

template <typename T>
inline vfloat sigmoid(vfloat x) {
  return 1.f / sigmoid_divisor<T>(x);
}
template <typename T>
inline vfloat silu(vfloat x) {
  return x / sigmoid_divisor<T>(x);
}

// Two sigmoids of bf16 for one division, what SiLU in bf16 waits for: 1/a = b/(ab). Held to +-43, so that the product is finite;
// a NaN in one makes both NaN.
inline void sigmoids(vfloat x, vfloat y, vfloat& sx, vfloat& sy) {
  vfloat dx = sigmoid_divisor<bf16>(x, 43), dy = sigmoid_divisor<bf16>(y, 43), inverse = 1.f / (dx * dy);
  sx = inverse * dy;
  sy = inverse * dx;
}

}  // namespace fizzy::FIZZY_LEVEL
