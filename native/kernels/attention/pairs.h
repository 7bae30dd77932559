// Attention in bf16 on the dot products of AVX-512 BF16: an instruction adds two products to each sum, an f32 instruction one.
// A word is two adjacent elements along the depth of a product. B is packed in panels of words, [columns/PANEL][depth/2][PANEL], an odd
// depth padded with zeros; A's words are broadcast, read from rows in place or from pairs of rows. Probabilities and the gradients of
// scores are rounded to bf16 between the products, all sums are f32. The slots of tile.h are large enough: the packed keys, values and rows
// take half the space, which saves at least as much as the words of the two score blocks add.
#pragma once
#include "kernels/attention/attention.h"
#include "kernels/attention/tile.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int64_t words(int64_t depth) { return (depth + 1) / 2; }

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
  void tiles(int rows, const float* b, float* c) const {
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
  bf16* out = reinterpret_cast<bf16*>(row);
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
  // kept: the row's log-sum-exp; dy, y: its rows of the output.
  GradientRow(float* scores, float* gradients, float kept, const bf16* dy, const bf16* y, int width)
      : scores(scores), gradients(gradients), lse(splat(kept * LOG2_E)), delta(splat(dot(dy, y, width))) {}

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
    bf16* to = reinterpret_cast<bf16*>(gradients) + i;
    store(to, exact);
    vfloat rounded = load(to);
    error = exact - rounded;
    return rounded;
  }
};

// Turns two query rows into words of probabilities and of the scores' gradients; the gradients are also stored row by row, in place.
inline void softmax_gradient_pair(GradientRow& a, GradientRow* b, int columns, bf16* p, bf16* ds) {
  vfloat none = {};
  auto row = [](float* r) { return reinterpret_cast<bf16*>(r); };
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
    row(a.gradients)[columns] = from_float<bf16>(0);
    if (b) row(b->gradients)[columns] = from_float<bf16>(0);
  }
}

inline void forward_pairs(const AttentionRows<const bf16>& in, bf16* y, float* lse, const AttentionShape& s, float* scratch, int slots) {
  int width = s.width, block = query_block(s);
  int64_t channels = int64_t{s.heads} * width, keys = padded(s.keys), deep = words(s.keys);
  int chunks = (s.queries + QUERY_CHUNK - 1) / QUERY_CHUNK;
  float scale = LOG2_E / std::sqrt(static_cast<float>(width));
  parallel_tasks(int64_t{s.batch} * s.heads * chunks, slots, scratch, attention_slot(s), [&](int64_t task, float* at) {
    int64_t chunk = task % chunks, head = task / chunks % s.heads, b = task / chunks / s.heads;
    const bf16* q = in.q + b * s.queries * in.q_stride + head * width;
    float* kt = allot(at, keys * width / 2);
    float* vs = allot(at, deep * padded(width));
    float* scores = allot(at, block * keys);
    float* sums = allot(at, block * padded(width));
    pack_words_transposed(in.k + b * s.keys * in.kv_stride + head * width, in.kv_stride, s.keys, width, kt);
    pack_pairs(in.v + b * s.keys * in.kv_stride + head * width, in.kv_stride, s.keys, width, vs, deep);
    int end = static_cast<int>(std::min<int64_t>(s.queries, (chunk + 1) * QUERY_CHUNK));
    for (int t = static_cast<int>(chunk) * QUERY_CHUNK; t < end; t += block) {
      int rows = std::min(block, end - t);
      multiply_pairs({q + t * in.q_stride, in.q_stride, 2}, rows, kt, int64_t{width} / 2 * PANEL, width / 2, s.keys, scores, keys, false);
      float maxima[96], totals[96];
      for (int r = 0; r < rows; r++) softmax_row_to_bf16(scores + r * keys, s.keys, scale, maxima + r, totals + r);
      multiply_pairs({reinterpret_cast<bf16*>(scores), 2 * keys, 2}, rows, vs, deep * PANEL, deep, width, sums, padded(width), false);
      float* kept = lse + (b * s.heads + head) * s.queries + t;
      for (int r = 0; r < rows; r++) {
        write_row(sums + r * padded(width), 1 / totals[r], width, y + (b * s.queries + t + r) * channels + head * width);
        kept[r] = maxima[r] * LN2 + std::log(totals[r]);
      }
    }
  });
}

inline void backward_pairs(const AttentionRows<const bf16>& in, const bf16* y, const float* lse, const bf16* dy, const AttentionRows<bf16>& out,
                           const AttentionShape& s, float* scratch, int slots) {
  constexpr int QUERIES = BACKWARD_QUERIES, KEYS = BACKWARD_KEYS;
  int width = s.width;
  int64_t channels = int64_t{s.heads} * width, wide = padded(width), deep = words(s.keys);
  float root = 1 / std::sqrt(static_cast<float>(width));
  parallel_tasks(int64_t{s.batch} * s.heads, slots, scratch, attention_backward_slot(s), [&](int64_t task, float* at) {
    int64_t head = task % s.heads, b = task / s.heads;
    int64_t q0 = b * s.queries * in.q_stride + head * width, kv0 = b * s.keys * in.kv_stride + head * width;
    float* kt = allot(at, padded(s.keys) * width / 2);
    float* vt = allot(at, padded(s.keys) * width / 2);
    float* ks = allot(at, deep * wide);
    float* dk = allot(at, s.keys * wide);
    float* dv = allot(at, s.keys * wide);
    float* q_pairs = allot(at, words(QUERIES) * wide);
    float* dy_pairs = allot(at, words(QUERIES) * wide);
    float* dq = allot(at, QUERIES * wide);
    float* p = allot(at, QUERIES * KEYS);
    float* ds = allot(at, QUERIES * KEYS);
    bf16* p_pairs = reinterpret_cast<bf16*>(allot(at, QUERIES / 2 * KEYS));
    bf16* ds_pairs = reinterpret_cast<bf16*>(allot(at, QUERIES / 2 * KEYS));
    pack_words_transposed(in.k + kv0, in.kv_stride, s.keys, width, kt);
    pack_words_transposed(in.v + kv0, in.kv_stride, s.keys, width, vt);
    pack_pairs(in.k + kv0, in.kv_stride, s.keys, width, ks, deep);
    for (int t = 0; t < s.queries; t += QUERIES) {
      int rows = std::min(QUERIES, s.queries - t);
      int64_t first = (b * s.queries + t) * channels + head * width;
      const bf16* q = in.q + q0 + t * in.q_stride;
      pack_pairs(q, in.q_stride, rows, width, q_pairs, words(rows));
      pack_pairs(dy + first, channels, rows, width, dy_pairs, words(rows));
      const float* kept = lse + (b * s.heads + head) * s.queries + t;
      GradientRow of[QUERIES];
      for (int r = 0; r < rows; r++)
        of[r] = GradientRow(p + r * KEYS, ds + r * KEYS, kept[r], dy + first + r * channels, y + first + r * channels, width);
      for (int key = 0; key < s.keys; key += KEYS) {
        int columns = std::min(KEYS, s.keys - key);
        int64_t block = int64_t{key} * width / 2, panel = int64_t{width} / 2 * PANEL;
        multiply_pairs({q, in.q_stride, 2}, rows, kt + block, panel, width / 2, columns, p, KEYS, false);
        multiply_pairs({dy + first, channels, 2}, rows, vt + block, panel, width / 2, columns, ds, KEYS, false);
        for (int r = 0; r < rows; r++) of[r].to_probabilities(columns, splat(root * LOG2_E), columns == s.keys);
        for (int r = 0; r < rows; r += 2)
          softmax_gradient_pair(of[r], r + 1 < rows ? of + r + 1 : nullptr, columns, p_pairs + r * KEYS, ds_pairs + r * KEYS);
        int64_t deep_rows = words(rows);
        multiply_pairs({p_pairs, 2, 2 * KEYS}, columns, dy_pairs, deep_rows * PANEL, deep_rows, width, dv + key * wide, wide, t > 0);
        multiply_pairs({ds_pairs, 2, 2 * KEYS}, columns, q_pairs, deep_rows * PANEL, deep_rows, width, dk + key * wide, wide, t > 0);
        multiply_pairs({reinterpret_cast<bf16*>(ds), 2 * KEYS, 2}, rows, ks + int64_t{key} / 2 * PANEL, deep * PANEL, words(columns), width, dq,
                       wide, key > 0);
      }
      for (int r = 0; r < rows; r++) write_row(dq + r * wide, root, width, out.q + q0 + (t + r) * in.q_stride);
    }
    for (int key = 0; key < s.keys; key++) {
      write_row(dk + key * wide, root, width, out.k + kv0 + key * in.kv_stride);
      write_row(dv + key * wide, 1, width, out.v + kv0 + key * in.kv_stride);
    }
  });
}

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
