// Floor: one read of x and one write of y; the second pass over a row reads from the level-1 cache.
#include <cmath>

#include "common/channels.h"
#include "kernels/l2_normalize/l2_normalize.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int64_t ROWS_AT_ONCE = 16;

// In double, where squares of f32 values neither overflow nor underflow.
double dot(const float* a, const float* b, int c) {
  typedef double vdouble __attribute__((vector_size(64)));
  typedef float float8 __attribute__((vector_size(32)));
  vdouble sums = {};
  int i = 0;
  for (; i + 8 <= c; i += 8) {
    float8 left, right;
    std::memcpy(&left, a + i, sizeof left);
    std::memcpy(&right, b + i, sizeof right);
    sums += __builtin_convertvector(left, vdouble) * __builtin_convertvector(right, vdouble);
  }
  double sum = 0;
  for (int l = 0; l < 8; l++) sum += sums[l];
  for (; i < c; i++) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace

void l2_normalize(const Backend::L2Normalize& o) {
  parallel_chunks(o.rows, ROWS_AT_ONCE, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      double length = std::sqrt(dot(o.x + r * o.c, o.x + r * o.c, o.c));
      o.norm[r] = static_cast<float>(length);
      vfloat factor = splat(static_cast<float>(1 / std::fmax(length, L2_SMALLEST)));
      channels(o.c, [&](auto in, auto out) { out(o.y + r * o.c, in(o.x + r * o.c) * factor); });
    }
  });
}

void l2_normalize_backward(const Backend::L2NormalizeBackward& o) {
  parallel_chunks(o.rows, ROWS_AT_ONCE, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      bool clamped = o.norm[r] < L2_SMALLEST;  // the divisor is then a constant, which has no gradient
      vfloat along = splat(clamped ? 0 : static_cast<float>(dot(o.y + r * o.c, o.dy + r * o.c, o.c)));
      vfloat factor = splat(1 / std::fmax(o.norm[r], L2_SMALLEST));
      channels(o.c, [&](auto in, auto out) { out(o.dx + r * o.c, (in(o.dy + r * o.c) - along * in(o.y + r * o.c)) * factor); });
    }
  });
}

}  // namespace fizzy::FIZZY_LEVEL
