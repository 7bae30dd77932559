// Attention's products on vectors of f32: C = A B with six rows by two vectors of C in registers. A is read element by element
// (broadcast), so it may be transposed. Each step takes 12 multiply-adds and 8 loads, so arithmetic is the bound.
#pragma once
#include "kernels/attention/blocking.h"
#include "kernels/attention/panels.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Variants of a product. ROW_MAJOR: A's element is a[r*lda + d], otherwise a[d*lda + r]. ADD: the product is added to C.
template <bool ROW_MAJOR, bool ADD>
struct Product {
  const float* a;
  int64_t lda;
  int depth;  // at least 1
  int64_t ldc;

  // c[r][0 .. V*LANES) (+)= sum over d of A[r][d] b[d*PANEL ..]
  template <int R, int V>
  void tile(int row, const float* b, float* c) const {
    const float* from = a + (ROW_MAJOR ? row * lda : row);
    c += row * ldc;
    vfloat sums[R][V];
#pragma GCC unroll 6
    for (int r = 0; r < R; r++)
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) sums[r][v] = ADD ? load(c + r * ldc + v * LANES) : vfloat{};
    int d = 0;
    do {
      vfloat columns[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) columns[v] = load(b + v * LANES);
#pragma GCC unroll 6
      for (int r = 0; r < R; r++) {
        vfloat element = from[ROW_MAJOR ? r * lda : r] - vfloat{};
#pragma GCC unroll 2
        for (int v = 0; v < V; v++) sums[r][v] = fma(element, columns[v], sums[r][v]);
      }
      b += PANEL;
      from += ROW_MAJOR ? 1 : lda;
    } while (++d < depth);
#pragma GCC unroll 6
    for (int r = 0; r < R; r++)
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) store(c + r * ldc + v * LANES, sums[r][v]);
  }

  template <int V>
  void tiles(int rows, const float* b, float* c) const {
    int r = 0;
    for (; r + ROWS <= rows; r += ROWS) tile<ROWS, V>(r, b, c);
    switch (rows - r) {
      case 5: tile<5, V>(r, b, c); break;
      case 4: tile<4, V>(r, b, c); break;
      case 3: tile<3, V>(r, b, c); break;
      case 2: tile<2, V>(r, b, c); break;
      case 1: tile<1, V>(r, b, c); break;
      default: break;
    }
  }
};

// C[rows][columns] = A[rows][depth] B[depth][columns], or C += A B. Columns of C up to the next multiple of LANES are written.
// panel_stride: floats from one panel of B to the next.
template <bool ROW_MAJOR>
inline void multiply(const float* a, int64_t lda, int rows, const float* b, int64_t panel_stride, int depth, int columns, float* c, int64_t ldc,
                     bool add) {
  Product<ROW_MAJOR, false> fresh{a, lda, depth, ldc};
  Product<ROW_MAJOR, true> more{a, lda, depth, ldc};
  for (int n = 0; n < columns; n += PANEL, b += panel_stride) {
    bool both = columns - n > LANES;
    if (add) both ? more.template tiles<2>(rows, b, c + n) : more.template tiles<1>(rows, b, c + n);
    else both ? fresh.template tiles<2>(rows, b, c + n) : fresh.template tiles<1>(rows, b, c + n);
  }
}

// Replaces scores, given as base-2 exponents, by 2^(score - max), and gives the row's maximum and sum. Columns from n to the next whole
// vector become tiny.
inline void softmax_row(float* row, int n, float* maximum, float* total) {
  int whole = n / LANES * LANES;
  if (whole < n)
    for (int i = n; i < whole + LANES; i++) row[i] = -INFINITY;
  vfloat m = load(row), m2 = m;
  int i = LANES;
  for (; i + LANES < n; i += 2 * LANES) {
    m = max(load(row + i), m);
    m2 = max(load(row + i + LANES), m2);
  }
  if (i < n) m = max(load(row + i), m);
  m = fold_max(max(m, m2));
  vfloat sum = {}, sum2 = {};
  for (i = 0; i + LANES < n; i += 2 * LANES) {
    vfloat p = exp2(load(row + i) - m), p2 = exp2(load(row + i + LANES) - m);
    store(row + i, p);
    store(row + i + LANES, p2);
    sum += p;
    sum2 += p2;
  }
  if (i < n) {
    vfloat p = exp2(load(row + i) - m);
    store(row + i, p);
    sum += p;
  }
  *maximum = m[0];
  *total = fold_sum(sum + sum2)[0];
}

// The products for driver.h.
template <typename T>
struct VectorProducts {
  using Element = T;
  static constexpr AttentionWay WAY = AttentionWay::VECTORS;
  static constexpr bool SCALES_OPERANDS = true;

  struct Rows {
    const float* first;
    int64_t stride;
  };
  static Rows rows(const T* in, int64_t stride, int count, int width, float factor, float* room) {
    pack_rows(in, stride, count, width, factor, room);
    return {room, width};
  }
  static void pack_columns(const T* rows, int64_t stride, int count, int width, float* panels) {
    pack_transposed(rows, stride, count, width, panels);
  }
  static void pack(const T* rows, int64_t stride, int count, int width, float factor, float* panels) {
    pack_panels(rows, stride, count, width, factor, panels);
  }

  static void scores(Rows a, int count, const float* panels, int width, int keys, float* c, int64_t ldc) {
    multiply<true>(a.first, a.stride, count, panels, int64_t{width} * PANEL, width, keys, c, ldc, false);
  }
  static void softmax(float* row, int n, float, float* maximum, float* total) { softmax_row(row, n, maximum, total); }
  static void clear_scores(float* row, int from, int to) { std::fill(row + from, row + to, 0.f); }
  static void over_keys(const float* scores, int64_t lds, int count, const float* panels, int64_t depth, int keys, int width, float* c,
                        int64_t ldc, bool add) {
    multiply<true>(scores, lds, count, panels, depth * PANEL, keys, width, c, ldc, add);
  }

  static void pack_queries(const T* rows, int64_t stride, int count, int width, float factor, float* packed, float*) {
    pack_panels(rows, stride, count, width, factor, packed);
  }
  static void over_queries(const float* scores, const float* packed, int count, const AttentionShape& s, int key, int columns, float* sums,
                           bool add) {
    int64_t wide = padded(s.width);
    multiply<false>(scores, BACKWARD_KEYS, columns, packed, int64_t{count} * PANEL, count, s.width, sums + key * wide, wide, add);
  }
  static void write_keys(const float* sums, const AttentionShape& s, float factor, T* out, int64_t stride, const BackwardScratch&) {
    for (int key = 0; key < s.keys; key++) write_row(sums + key * padded(s.width), factor, s.width, out + key * stride);
  }

  // Scores are base-2 exponents.
  struct GradientRow {
    float *scores, *gradients;
    float lse, delta;
  };
  static void clear_padding(int, const BackwardScratch&) {}
  static void gradients(GradientRow* rows, int count, int columns, float, bool, const BackwardScratch&) {
    for (int r = 0; r < count; r++)
      for (int i = 0; i < columns; i += LANES) {
        float *p = rows[r].scores + i, *ds = rows[r].gradients + i;
        vfloat probability = exp2(load(p) - rows[r].lse);
        store(p, probability);
        store(ds, probability * (load(ds) - rows[r].delta));
      }
  }
};

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
