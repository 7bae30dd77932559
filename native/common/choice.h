// Implementations of an operation as a list, best first, each with a function that tells why it cannot compute a call.
#pragma once
#include <cstddef>
#include <string>

namespace fizzy {

template <typename Call>
struct Implementation {
  const char* name;
  const char* (*refusal)(const Call& call);  // returns null if it can
};

// The first implementation of the list that can compute the call. The last one always can.
template <typename Call, size_t N>
int choose(const Implementation<Call> (&list)[N], const Call& call) {
  int i = 0;
  while (i + 1 < static_cast<int>(N) && list[i].refusal(call)) i++;
  return i;
}

// The name of the chosen implementation, and why the better ones were rejected: "vectors (amx tiles: f32; bf16 pairs: f32)".
template <typename Call, size_t N>
std::string describe(const Implementation<Call> (&list)[N], const Call& call) {
  int chosen = choose(list, call);
  std::string reasons;
  for (int i = 0; i < chosen; i++) reasons += std::string(i > 0 ? "; " : "") + list[i].name + ": " + list[i].refusal(call);
  return list[chosen].name + (chosen > 0 ? " (" + reasons + ")" : "");
}

}  // namespace fizzy
