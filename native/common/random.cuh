// Philox 4x32-10 and Box-Muller on the device, with the same operations and roundings as common/philox.h and common/normal.h, so that the
// bits are those of the CPU. A thread draws one block, four numbers of one row.
#pragma once
#include "common/cuda.cuh"
#include "common/normal.h"
#include "common/philox.h"

namespace fizzy::cuda {

struct Words {
  unsigned w[4];
};

__device__ __forceinline__ Words philox_words(unsigned k0, unsigned k1, unsigned c0, unsigned c1, unsigned c2, unsigned c3) {
#pragma unroll
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    unsigned high0 = __umulhi(PHILOX_M0, c0), low0 = PHILOX_M0 * c0, high1 = __umulhi(PHILOX_M1, c2), low1 = PHILOX_M1 * c2;
    c0 = high1 ^ c1 ^ k0;
    c2 = high0 ^ c3 ^ k1;
    c1 = low1;
    c3 = low0;
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  return {{c0, c1, c2, c3}};
}

// The words of elements 4 block .. 4 block + 3 of row b.
__device__ __forceinline__ Words row_words(const int* rows, const int* random, int purpose, int step, int64_t b, int64_t block) {
  return philox_words(random[0], random[1], static_cast<unsigned>(block), static_cast<unsigned>(purpose) << 24 | static_cast<unsigned>(step),
                      rows[2 * b], rows[2 * b + 1]);
}

__device__ __forceinline__ float normal_radius(unsigned word) {
  constexpr float P0 = LOG_P[0], P1 = LOG_P[1], P2 = LOG_P[2], P3 = LOG_P[3], P4 = LOG_P[4], P5 = LOG_P[5], P6 = LOG_P[6], P7 = LOG_P[7],
                  P8 = LOG_P[8];
  float u = static_cast<float>((word >> 8) + 1) * 0x1p-24f;
  unsigned bits = __float_as_uint(u);
  int exponent = static_cast<int>(bits >> 23) - 126;
  float m = __uint_as_float((bits & 0x7fffffu) | 0x3f000000u);
  if (m < SQRT_HALF) {
    exponent -= 1;
    m = m + m;
  }
  float r = m - 1.f, square = r * r, e = static_cast<float>(exponent);
  float p = fmaf(fmaf(fmaf(fmaf(P0, r, P1), r, P2), r, P3), r, P4);
  p = fmaf(fmaf(fmaf(fmaf(p, r, P5), r, P6), r, P7), r, P8);
  float tail = p * r * square;
  tail = fmaf(e, LN2_LOW, tail);
  tail = fmaf(-.5f, square, tail);
  float log = fmaf(e, LN2_HIGH, r + tail);
  return sqrtf(-2.f * log);
}

__device__ __forceinline__ void normal_pair(unsigned radius_word, unsigned angle_word, float& first, float& second) {
  constexpr float S0 = SIN_S[0], S1 = SIN_S[1], S2 = SIN_S[2], C0 = COS_C[0], C1 = COS_C[1], C2 = COS_C[2];
  float radius = normal_radius(radius_word);
  int turn = static_cast<int>(angle_word >> 8), quadrant = (turn + (1 << 21)) >> 22;
  float a = static_cast<float>(turn - (quadrant << 22)) * ANGLE, square = a * a;
  float s = fmaf(fmaf(S0, square, S1), square, S2);
  s = fmaf(s * square, a, a);
  float c = fmaf(fmaf(C0, square, C1), square, C2);
  c = fmaf(c * square, square, fmaf(-.5f, square, 1.f));
  float cosine = quadrant & 1 ? s : c, sine = quadrant & 1 ? c : s;
  if ((quadrant + 1) & 2) cosine = -cosine;
  if (quadrant & 2) sine = -sine;
  first = radius * cosine;
  second = radius * sine;
}

__device__ __forceinline__ Floats<4> normals(Words w) {
  Floats<4> n;
  normal_pair(w.w[0], w.w[1], n[0], n[1]);
  normal_pair(w.w[2], w.w[3], n[2], n[3]);
  return n;
}

// ---- kernels over rows [B,N], four elements a thread -------------------------------------------------------------------------------

// Calls f(b, i, count, whole) for the four elements of this thread; `whole` if they can be one vector access.
template <typename F>
__global__ void __launch_bounds__(BLOCK) row_kernel(F f, int64_t n, bool whole_rows) {
  int64_t i = (int64_t{blockIdx.x} * BLOCK + threadIdx.x) * 4;
  if (i < n) f(static_cast<int64_t>(blockIdx.y), i, static_cast<int>(n - i < 4 ? n - i : 4), whole_rows);
}

template <typename F>
void over_rows(const char* name, F f, int64_t batch, int64_t n, void* stream) {
  check(batch <= 65535, name, ": batch ", batch, " is above 65535");
  launch(name, row_kernel<F>, dim3(blocks(n, 4 * BLOCK), static_cast<unsigned>(batch)), BLOCK, 0, stream, f, n, n % 4 == 0);
}

template <typename T>
__device__ __forceinline__ Floats<4> load_quad(const T* p, int count, bool whole) {
  if (whole) return load<4>(p);
  Floats<4> v{};
#pragma unroll
  for (int k = 0; k < 4; k++)
    if (k < count) v[k] = widen(p[k]);
  return v;
}
template <typename T>
__device__ __forceinline__ void store_quad(T* p, const Floats<4>& v, int count, bool whole) {
  if (whole) return store(p, v);
#pragma unroll
  for (int k = 0; k < 4; k++)
    if (k < count) p[k] = narrow<T>(v[k]);
}

}  // namespace fizzy::cuda
