// [a, b] along the last dimension, and its opposite. Bytes move and nothing is computed, so one implementation serves all levels.
#include <cstring>

#include "common/check.h"
#include "common/parallel.h"
#include "fizzy/kernels.h"

namespace fizzy {
namespace {

constexpr int64_t GRAIN = 1 << 16;  // bytes a thread moves at once

void check_shape(const char* kernel, int type, int64_t rows, int a, int b) {
  check((type == 0 || type == 1) && rows >= 0 && a > 0 && b > 0, kernel, ": type ", type, ", ", rows, " rows of ", a, " and ", b);
}

}  // namespace

void concat(int type, const void* a, const void* b, void* y, int64_t rows, int a_columns, int b_columns) {
  check_shape("concat", type, rows, a_columns, b_columns);
  int64_t bytes = type == 0 ? 4 : 2, left = a_columns * bytes, right = b_columns * bytes;
  parallel_chunks(rows, GRAIN / (left + right) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      char* to = static_cast<char*>(y) + r * (left + right);
      if (a) std::memcpy(to, static_cast<const char*>(a) + r * left, left);
      else std::memset(to, 0, left);
      if (b) std::memcpy(to + left, static_cast<const char*>(b) + r * right, right);
      else std::memset(to + left, 0, right);
    }
  });
}

void split(int type, const void* x, void* a, void* b, int64_t rows, int a_columns, int b_columns) {
  check_shape("split", type, rows, a_columns, b_columns);
  int64_t bytes = type == 0 ? 4 : 2, left = a_columns * bytes, right = b_columns * bytes;
  parallel_chunks(rows, GRAIN / (left + right) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const char* from = static_cast<const char*>(x) + r * (left + right);
      if (a) std::memcpy(static_cast<char*>(a) + r * left, from, left);
      if (b) std::memcpy(static_cast<char*>(b) + r * right, from + left, right);
    }
  });
}

}  // namespace fizzy
