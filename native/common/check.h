// Argument checks: throw an exception whose message is a sentence with the values; JavaCPP turns it into a Java exception. <sstream> is
// avoided, since it takes longer to compile than most kernels.
#pragma once
#include <cstdio>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace fizzy {

template <typename Part>
void append(std::string& sentence, const Part& part) {
  if constexpr (std::is_floating_point_v<Part>) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%g", static_cast<double>(part));
    sentence += digits;
  } else if constexpr (std::is_arithmetic_v<Part>) {
    sentence += std::to_string(part);
  } else {
    sentence += part;
  }
}

template <typename... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::string sentence;
  (append(sentence, parts), ...);
  throw std::invalid_argument(sentence);
}

template <typename... Parts>
inline void check(bool holds, const Parts&... parts) {
  if (!holds) fail(parts...);
}

inline void check_type(const char* name, int type) { check(type == 0 || type == 1, name, ": type ", type, " is neither f32 (0) nor bf16 (1)"); }

}  // namespace fizzy
