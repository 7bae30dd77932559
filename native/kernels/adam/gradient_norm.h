// The norm of the gradients, by which every optimizer clips; for kernels/*/cpu.cpp only.
#pragma once
#include <cmath>
#include <cstring>

#include "common/parallel.h"
#include "kernels/adam/adam.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Eight lanes at every level, so that the order of the sum, and so every updated weight, is the same at all levels.
typedef float float8 __attribute__((vector_size(32)));
typedef double double8 __attribute__((vector_size(64)));

inline double sum_of_squares(const float* p, int64_t n) {
  double8 even = {}, odd = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    float8 a, b;
    std::memcpy(&a, p + i, sizeof a);
    std::memcpy(&b, p + i + 8, sizeof b);
    double8 x = __builtin_convertvector(a, double8), y = __builtin_convertvector(b, double8);
    even += x * x;
    odd += y * y;
  }
  even += odd;
  double sum = 0;
  for (int l = 0; l < 8; l++) sum += even[l];
  for (; i < n; i++) sum += static_cast<double>(p[i]) * p[i];
  return sum;
}

// partials: NORM_PARTIALS.
inline float gradient_norm(const float* gradients, double* partials, int64_t n) {
  int64_t share = ((n + NORM_PARTIALS - 1) / NORM_PARTIALS + 15) / 16 * 16;
  parallel_for(NORM_PARTIALS, [&](int64_t c) {
    int64_t begin = c * share < n ? c * share : n, end = begin + share < n ? begin + share : n;
    partials[c] = sum_of_squares(gradients + begin, end - begin);
  });
  double sum = 0;
  for (int64_t c = 0; c < NORM_PARTIALS; c++) sum += partials[c];
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
