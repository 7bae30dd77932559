// Two N(0, 1) numbers from two words by Box and Muller (1958), one pair at a time; common/random.h repeats the same operations and
// roundings on vectors. The only library functions are fma and sqrt, whose results IEEE 754 defines, so the bits are the same everywhere.
// Logarithm, sine and cosine are Cephes' single-precision polynomials, error about 1 unit in the last place.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace fizzy {

// ln(1+r) = r - r^2/2 + r^3 P(r) on [sqrt(1/2)-1, sqrt(2)-1]; ln 2 in two parts.
constexpr float LOG_P[9] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,  -1.2420140846e-1f, 1.4249322787e-1f,
                            -1.6668057665e-1f, 2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
constexpr float LN2_HIGH = .693359375f, LN2_LOW = -2.12194440e-4f;
// sin a = a + a^3 S(a^2), cos a = 1 - a^2/2 + a^4 C(a^2) on [-pi/4, pi/4].
constexpr float SIN_S[3] = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};
constexpr float COS_C[3] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
constexpr float SQRT_HALF = .70710678f;
constexpr float ANGLE = 1.57079632679489662f * 0x1p-22f;  // a 24-bit fraction of a turn, in radians

// The word's upper 24 bits are a uniform number in (0, 1]; sqrt(-2 ln u), at most 5.77.
inline float box_muller_radius(uint32_t word) {
  float u = static_cast<float>((word >> 8) + 1) * 0x1p-24f;
  uint32_t bits;
  std::memcpy(&bits, &u, 4);
  int exponent = static_cast<int>(bits >> 23) - 126;
  bits = (bits & 0x7fffffu) | 0x3f000000u;  // mantissa in [1/2, 1)
  float m;
  std::memcpy(&m, &bits, 4);
  if (m < SQRT_HALF) {
    exponent -= 1;
    m = m + m;
  }
  float r = m - 1.f, square = r * r, p = LOG_P[0], e = static_cast<float>(exponent);
  for (int i = 1; i < 9; i++) p = std::fma(p, r, LOG_P[i]);
  float tail = p * r * square;
  tail = std::fma(e, LN2_LOW, tail);
  tail = std::fma(-.5f, square, tail);
  float log = std::fma(e, LN2_HIGH, r + tail);
  return std::sqrt(-2.f * log);
}

inline void box_muller(uint32_t radius_word, uint32_t angle_word, float& first, float& second) {
  float radius = box_muller_radius(radius_word);
  int turn = static_cast<int>(angle_word >> 8), quadrant = (turn + (1 << 21)) >> 22;
  float a = static_cast<float>(turn - (quadrant << 22)) * ANGLE, square = a * a;
  float s = std::fma(std::fma(SIN_S[0], square, SIN_S[1]), square, SIN_S[2]);
  s = std::fma(s * square, a, a);
  float c = std::fma(std::fma(COS_C[0], square, COS_C[1]), square, COS_C[2]);
  c = std::fma(c * square, square, std::fma(-.5f, square, 1.f));
  float cosine = quadrant & 1 ? s : c, sine = quadrant & 1 ? c : s;
  if ((quadrant + 1) & 2) cosine = -cosine;
  if (quadrant & 2) sine = -sine;
  first = radius * cosine;
  second = radius * sine;
}

// Four normal numbers from the four words of a block.
inline void normals_of(const uint32_t words[4], float normals[4]) {
  box_muller(words[0], words[1], normals[0], normals[1]);
  box_muller(words[2], words[3], normals[2], normals[3]);
}

}  // namespace fizzy
