// Argument checks: a sentence with the values in it, thrown and never printed. JavaCPP turns it into a Java exception.
#pragma once
#include <sstream>
#include <stdexcept>

namespace fizzy {

template <typename... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream sentence;
  (sentence << ... << parts);
  throw std::invalid_argument(sentence.str());
}

template <typename... Parts>
inline void check(bool holds, const Parts&... parts) {
  if (!holds) fail(parts...);
}

}  // namespace fizzy
