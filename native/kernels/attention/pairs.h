// Attention in bf16 on the dot products of AVX-512 BF16: an instruction adds two products to each sum, an f32 instruction one.
// A word is two adjacent elements along the depth of a product. B is packed in panels of words, [columns/PANEL][depth/2][PANEL], an odd
// depth padded with zeros; A's words are broadcast, read from rows in place or from pairs of rows. Probabilities and the gradients of
// scores are rounded to bf16 between the products, all sums are f32.
#pragma once
#include "kernels/attention/blocking.h"
#include "kernels/attention/panels.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int64_t words(int64_t depth) { return packed_depth(AttentionWay::PAIRS, depth); }

inline bf16* as_bf16(float* p) { return reinterpret_cast<bf16*>(p); }
inline const bf16* as_bf16(const float* p) { return reinterpret_cast<const bf16*>(p); }

// A's strides in elements: from one row to the next, and from one pair along the depth to the next.
struct Words {
  const bf16* a;
  int64_t row, pair;
};

template <bool ADD>
struct PairProduct {
  Words in;
  int depth;  // in words
  int64_t ldc;

  // As Product::tile, but in words: c[r][0 .. V*LANES) (+)= sum over d of A[r][d] b[d*PANEL ..].
  template <int R, int V>
  void tile(int row, const float* b, float* c) const {
    const bf16* from = in.a + row * in.row;
    c += row * ldc;
    __m512 sums[R][V];
#pragma GCC unroll 6
    for (int r = 0; r < R; r++)
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) sums[r][v] = (__m512)(ADD ? load(c + r * ldc + v * LANES) : vfloat{});
    int d = 0;
    do {
      __m512bh columns[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) columns[v] = (__m512bh)load(b + v * LANES);
#pragma GCC unroll 6
      for (int r = 0; r < R; r++) {
        int32_t word;
        std::memcpy(&word, from + r * in.row, sizeof word);
        __m512bh element = (__m512bh)_mm512_set1_epi32(word);
#pragma GCC unroll 2
        for (int v = 0; v < V; v++) sums[r][v] = _mm512_dpbf16_ps(sums[r][v], element, columns[v]);
      }
      b += PANEL;
      from += in.pair;
    } while (++d < depth);
#pragma GCC unroll 6
    for (int r = 0; r < R; r++)
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) store(c + r * ldc + v * LANES, (vfloat)sums[r][v]);
  }

  template <int V>
  [[gnu::always_inline]] void tiles(int rows, const float* b, float* c) const {
    int r = 0;
    for (; r + ROWS <= rows; r += ROWS) tile<ROWS, V>(r, b, c);
    for (; r + 2 <= rows; r += 2) tile<2, V>(r, b, c);
    if (r < rows) tile<1, V>(r, b, c);
  }
};

// As multiply(): C[rows][columns] = A B, or C += A B. Panels and depth are counted in words.
inline void multiply_pairs(Words a, int rows, const float* b, int64_t panel_stride, int64_t depth, int columns, float* c, int64_t ldc,
                           bool add) {
  PairProduct<false> fresh{a, static_cast<int>(depth), ldc};
  PairProduct<true> more{a, static_cast<int>(depth), ldc};
  for (int n = 0; n < columns; n += PANEL, b += panel_stride) {
    bool both = columns - n > LANES;
    if (add) both ? more.template tiles<2>(rows, b, c + n) : more.template tiles<1>(rows, b, c + n);
    else both ? fresh.template tiles<2>(rows, b, c + n) : fresh.template tiles<1>(rows, b, c + n);
  }
}

// Packs the transpose of rows [count][width] into panels; adjacent elements of a row already form the words. width is a multiple of 16.
inline void pack_words_transposed(const bf16* rows, int64_t stride, int count, int width, float* panels) {
  pack_transposed(reinterpret_cast<const float*>(rows), stride / 2, count, width / 2, panels);
}

// Packs rows [depth][width] into panels: a word holds two rows' elements; padded with zeros to `deep` words. width is a multiple of 16.
inline void pack_pairs(const bf16* rows, int64_t stride, int depth, int width, float* panels, int64_t deep) {
  alignas(64) uint16_t low[32], high[32];
  for (int i = 0; i < 32; i++) {
    low[i] = static_cast<uint16_t>(i / 2 + i % 2 * 32);
    high[i] = static_cast<uint16_t>(low[i] + 16);
  }
  __m512i lower = _mm512_load_si512(low), upper = _mm512_load_si512(high), zero = _mm512_setzero_si512();
  for (int n = 0; n < width; n += PANEL, panels += deep * PANEL) {
    __mmask32 mask = width - n >= PANEL ? 0xffffffffu : 0xffffu;
    for (int d = 0; d < depth; d += 2) {
      const bf16* row = rows + d * stride + n;
      __m512i first = _mm512_maskz_loadu_epi16(mask, row), second = d + 1 < depth ? _mm512_maskz_loadu_epi16(mask, row + stride) : zero;
      float* to = panels + d / 2 * PANEL;
      _mm512_storeu_si512(to, _mm512_maskz_permutex2var_epi16(0xffffffffu, first, lower, second));
      _mm512_storeu_si512(to + LANES, _mm512_maskz_permutex2var_epi16(0xffffffffu, first, upper, second));
    }
    std::fill(panels + words(depth) * PANEL, panels + deep * PANEL, 0.f);
  }
}

// Replaces the row's scores in place by 2^(scale (score - max)) as bf16, and gives the maximum (as a base-2 exponent) and the sum. Columns
// from n to the next whole vector become tiny.
inline void softmax_row_to_bf16(float* row, int n, float scale, float* maximum, float* total) {
  int whole = (n + LANES - 1) / LANES * LANES;
  for (int i = n; i < whole; i++) row[i] = -INFINITY;
  vfloat m = load(row);
  for (int i = LANES; i < whole; i += LANES) m = max(load(row + i), m);
  m = fold_max(m) * scale;
  vfloat sum = {}, times = splat(scale);
  bf16* out = as_bf16(row);
  for (int i = 0; i < whole; i += LANES) {
    vfloat p = exp2(fma(load(row + i), times, -m));
    store(out + i, p);
    sum += p;
  }
  *maximum = m[0];
  *total = fold_sum(sum)[0];
}

// Stores words of two rows: a[i] in the lower half, b[i] in the upper.
inline void store_pairs(bf16* to, vfloat a, vfloat b) {
  vuint lower = (vuint)_mm512_maskz_cvtepu16_epi32(0xffff, (__m256i)_mm512_cvtneps_pbh((__m512)a));
  vuint upper = (vuint)_mm512_maskz_cvtepu16_epi32(0xffff, (__m256i)_mm512_cvtneps_pbh((__m512)b));
  vuint both = lower | (upper << 16);
  std::memcpy(to, &both, sizeof both);
}

// Row r of a block of scores [.][KEYS] and of the probabilities' gradients; becomes probabilities and the scores' gradients.
// The score gradients of a row sum to zero, and the gradient of the keys' bias is only what rounding leaves of those sums. So the rounding
// error of each vector is added to the next vector (error feedback): each lane loses one rounding instead of one for every key.
struct GradientRow {
  float* scores;
  float* gradients;
  vfloat lse, delta;
  vfloat error = {};

  GradientRow() = default;
  // lse: the row's log-sum-exp as a base-2 exponent; delta: the sum of its output times the output's gradient.
  GradientRow(float* scores, float* gradients, float lse, float delta)
      : scores(scores), gradients(gradients), lse(splat(lse)), delta(splat(delta)) {}

  // Turns scores into probabilities, in place. From a whole row delta is computed exactly; y gives only an approximation, since y was
  // rounded and computed from rounded probabilities.
  void to_probabilities(int columns, vfloat scale, bool whole) {
    vfloat sum = {}, none = {};
    vint lane;
    for (int i = 0; i < LANES; i++) lane[i] = i;
    for (int i = 0; i < columns; i += LANES) {
      vfloat p = exp2(fma(load(scores + i), scale, -lse)), term = p * load(gradients + i);
      store(scores + i, p);
      sum += lane + i < columns ? term : none;
    }
    if (whole) delta = fold_sum(sum);
  }

  // The scores' gradients rounded to bf16, returned and stored in place of the probabilities' gradients.
  vfloat score_gradient(int i, vfloat p) {
    vfloat exact = fma(p, load(gradients + i) - delta, error);
    bf16* to = as_bf16(gradients) + i;
    store(to, exact);
    vfloat rounded = load(to);
    error = exact - rounded;
    return rounded;
  }
};

// Turns two query rows into words of probabilities and of the scores' gradients; the gradients are also stored row by row, in place.
inline void softmax_gradient_pair(GradientRow& a, GradientRow* b, int columns, bf16* p, bf16* ds) {
  vfloat none = {};
  for (int i = 0; i < columns; i += LANES) {
    vfloat pa = load(a.scores + i), da = a.score_gradient(i, pa), pb = none, db = none;
    if (b) {
      pb = load(b->scores + i);
      db = b->score_gradient(i, pb);
    }
    store_pairs(p + 2 * i, pa, pb);
    store_pairs(ds + 2 * i, da, db);
  }
  // With an odd number of columns, the second half of the last word is padding.
  if (columns % 2) {
    as_bf16(a.gradients)[columns] = from_float<bf16>(0);
    if (b) as_bf16(b->gradients)[columns] = from_float<bf16>(0);
  }
}

// The products for driver.h.
struct PairProducts {
  using Element = bf16;
  static constexpr AttentionWay WAY = AttentionWay::PAIRS;
  static constexpr bool SCALES_OPERANDS = false;

  struct Rows {
    const bf16* first;
    int64_t stride;
  };
  static Rows rows(const bf16* in, int64_t stride, int, int, float, float*) { return {in, stride}; }
  static void pack_columns(const bf16* rows, int64_t stride, int count, int width, float* panels) {
    pack_words_transposed(rows, stride, count, width, panels);
  }
  static void pack(const bf16* rows, int64_t stride, int count, int width, float, float* panels) {
    pack_pairs(rows, stride, count, width, panels, words(count));
  }

  static void scores(Rows a, int count, const float* panels, int width, int keys, float* c, int64_t ldc) {
    multiply_pairs({a.first, a.stride, 2}, count, panels, int64_t{width} / 2 * PANEL, width / 2, keys, c, ldc, false);
  }
  static void softmax(float* row, int n, float scale, float* maximum, float* total) { softmax_row_to_bf16(row, n, scale, maximum, total); }
  static void clear_scores(float* row, int from, int to) { std::fill(as_bf16(row) + from, as_bf16(row) + 2 * words(to), from_float<bf16>(0)); }
  static void over_keys(const float* scores, int64_t lds, int count, const float* panels, int64_t depth, int keys, int width, float* c,
                        int64_t ldc, bool add) {
    multiply_pairs({as_bf16(scores), 2 * lds, 2}, count, panels, depth * PANEL, words(keys), width, c, ldc, add);
  }

  static void pack_queries(const bf16* rows, int64_t stride, int count, int width, float factor, float* packed, float*) {
    pack(rows, stride, count, width, factor, packed);
  }
  static void over_queries(const float* pairs, const float* packed, int count, const AttentionShape& s, int key, int columns, float* sums,
                           bool add) {
    int64_t wide = padded(s.width), depth = words(count);
    multiply_pairs({as_bf16(pairs), 2, 2 * BACKWARD_KEYS}, columns, packed, depth * PANEL, depth, s.width, sums + key * wide, wide, add);
  }
  static void write_keys(const float* sums, const AttentionShape& s, float factor, bf16* out, int64_t stride, const BackwardScratch&) {
    for (int key = 0; key < s.keys; key++) write_row(sums + key * padded(s.width), factor, s.width, out + key * stride);
  }

  using GradientRow = fizzy::FIZZY_LEVEL::GradientRow;
  static void clear_padding(int, const BackwardScratch&) {}
  static void gradients(GradientRow* rows, int count, int columns, float scale, bool all_keys, const BackwardScratch& at) {
    for (int r = 0; r < count; r++) rows[r].to_probabilities(columns, splat(scale), all_keys);
    for (int r = 0; r < count; r += 2)
      softmax_gradient_pair(rows[r], r + 1 < count ? rows + r + 1 : nullptr, columns, as_bf16(at.p_words) + r * BACKWARD_KEYS,
                            as_bf16(at.ds_words) + r * BACKWARD_KEYS);
  }
};

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
