// Rows of channels, for kernels/*/cpu.cpp only: [R,C] with one coefficient, or one sum, per channel.
#pragma once
#include <algorithm>
#include <type_traits>

#include "common/parallel.h"
#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {

// Calls body(load, store) for every vector of channels: whole vectors, then the rest. With STREAM whole vectors are stored past the caches.
template <bool STREAM = false, typename Body>
inline void channels(int c, Body body) {
  int i = 0;
  for (; i + LANES <= c; i += LANES)
    body([i](auto* p) { return load(p + i); }, [i](auto* p, vfloat v) {
      if (STREAM) stream(p + i, v);
      else store(p + i, v);
    });
  if (int rest = c - i; rest > 0)
    body([i, rest](auto* p) { return load_part(p + i, rest); }, [i, rest](auto* p, vfloat v) { store_part(p + i, v, rest); });
}

// Calls body(chunk, begin, end) for chunks of rows, optionally last chunk first: after a pass from first to last, the last chunks are still
// in the caches.
template <typename Body>
inline void parallel_row_chunks(int64_t rows, int64_t size, bool backwards, Body body) {
  int64_t chunks = (rows + size - 1) / size;
  parallel_for(chunks, [&](int64_t i) {
    int64_t chunk = backwards ? chunks - 1 - i : i, begin = chunk * size;
    body(chunk, begin, std::min(rows, begin + size));
  });
}

// sums[k] [C] = the sum over all chunks of partial [chunks, K, C]; in double, in the order of the chunks.
inline void sum_chunks(const float* partial, int64_t chunks, int k, int c, double* const* sums) {
  constexpr int WIDE = 16;  // channels per task; 16 doubles are two cache lines, so threads do not share one
  int64_t pieces = (c + WIDE - 1) / WIDE;
  parallel_for(k * pieces, [&](int64_t i) {
    int64_t which = i / pieces, begin = i % pieces * WIDE;
    int n = static_cast<int>(std::min<int64_t>(WIDE, c - begin));
    double total[WIDE] = {};
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
      const float* row = partial + (chunk * k + which) * c + begin;
      for (int l = 0; l < n; l++) total[l] += row[l];
    }
    for (int l = 0; l < n; l++) sums[which][begin + l] = total[l];
  });
}

// Whether a result is larger than the caches, so that storing it past them loses nothing.
template <typename T>
bool past_caches(int64_t elements, int c, const void* result) {
  constexpr int64_t LARGE = int64_t{32} << 20;
  return elements * static_cast<int64_t>(sizeof(T)) >= LARGE && c % LANES == 0 && reinterpret_cast<uintptr_t>(result) % 64 == 0;
}

template <typename Body>
void by_flag(bool flag, Body body) {
  if (flag) body(std::true_type{});
  else body(std::false_type{});
}

}  // namespace fizzy::FIZZY_LEVEL
