#pragma once
#include <algorithm>
#include <chrono>

namespace fizzy {

// Seconds of the fastest run. Runs for about `seconds`, at least three times.
template <typename Body>
double fastest(double seconds, Body body) {
  using clock = std::chrono::steady_clock;
  auto begin = clock::now();
  double best = 1e30;
  for (int i = 0; i < 3 || std::chrono::duration<double>(clock::now() - begin).count() < seconds; i++) {
    auto start = clock::now();
    body();
    best = std::min(best, std::chrono::duration<double>(clock::now() - start).count());
  }
  return best;
}

}  // namespace fizzy
