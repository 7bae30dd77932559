// Parallel loops on the process's OpenMP pool. Chunks depend on n alone, so that results do not depend on the number of threads.
#pragma once
#include <cstdint>

namespace fizzy {

// Chunk of an elementwise kernel: 64 KiB of f32, enough work to pay for waking a thread, less than half a level-2 cache.
constexpr int64_t ELEMENTWISE_GRAIN = 1 << 14;

template <typename Body>
inline void parallel_for(int64_t n, Body body) {
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < n; i++) body(i);
}

// Calls body(begin, end) for chunks of `grain`.
template <typename Body>
inline void parallel_chunks(int64_t n, int64_t grain, Body body) {
  int64_t chunks = (n + grain - 1) / grain;
#pragma omp parallel for schedule(static)
  for (int64_t c = 0; c < chunks; c++) {
    int64_t begin = c * grain, end = begin + grain < n ? begin + grain : n;
    body(begin, end);
  }
}

}  // namespace fizzy
