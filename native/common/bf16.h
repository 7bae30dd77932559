// bfloat16: the upper half of a float, rounded to nearest even.
#pragma once
#include <cstdint>
#include <cstring>

namespace fizzy {

struct bf16 {
  uint16_t bits;
};

inline float to_float(float v) { return v; }
inline float to_float(bf16 v) {
  uint32_t bits = static_cast<uint32_t>(v.bits) << 16;
  float f;
  std::memcpy(&f, &bits, 4);
  return f;
}

template <typename T>
inline T from_float(float v);
template <>
inline float from_float<float>(float v) {
  return v;
}
template <>
inline bf16 from_float<bf16>(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return bf16{static_cast<uint16_t>((bits >> 16) | 0x40)};  // quiet NaN
  return bf16{static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16)};
}

// Element i of an array of T as a double, the type in which references sum.
template <typename T>
inline double at(const void* p, int64_t i) {
  return to_float(static_cast<const T*>(p)[i]);
}

// Calls body(float{}) or body(bf16{}) for a `type` as in backend.h.
template <typename Body>
inline void by_type(int type, Body body) {
  if (type == 1) body(bf16{});
  else body(float{});
}

}  // namespace fizzy
