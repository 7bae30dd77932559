// Attention forward and backward, written once over the products of a policy: VectorProducts (f32, vectors.h), PairProducts (bf16 pairs,
// pairs.h) or TileProducts (AMX, tiles.h). Forward, a block of queries meets all keys of its head; backward, blocks of BACKWARD_QUERIES
// queries meet blocks of BACKWARD_KEYS keys.
//
// A policy holds:
//   Element, WAY           the type of the tensors, and the implementation's name
//   SCALES_OPERANDS        whether 1/sqrt(D) is applied to operands while they are packed; if not, to scores and results
//   rows()                 a block of rows as left operand: packed times a factor, or read in place
//   pack_columns(), pack() rows as right operand, transposed or not
//   scores()               C[query][key] = rows() times pack_columns()
//   softmax()              turns a row of scores into 2^(scale (score - max)), in place, and gives scale * max and the sum
//   clear_scores()         clears what softmax() gave, from one key to another: a causal row has fewer keys than its block
//   over_keys()            C[query][d] (+)= a block of scores times pack(): a sum over keys
//   pack_queries(), over_queries()   a sum over queries, written by write_keys()
//   GradientRow, gradients()         a row of scores and of the probabilities' gradients, which become probabilities and scores' gradients
//   clear_padding()                  clears what a block of fewer queries leaves of p_words and ds_words
#pragma once
#include <omp.h>

#include "kernels/attention/attention.h"
#include "kernels/attention/panels.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Calls body(task, scratch); each thread has its own scratch.
template <typename Scratch, typename Body>
void parallel_tasks(int64_t n, const AttentionShape& s, AttentionWay way, Body body) {
  float* scratch = static_cast<float*>(s.scratch);
  int64_t floats = thread_scratch<Scratch>(s, way);
#pragma omp parallel num_threads(s.threads)
  {
    Arena arena{scratch + omp_get_thread_num() * floats};
    Scratch own(arena, s, way);
#pragma omp for schedule(static)
    for (int64_t i = 0; i < n; i++) body(i, own);
  }
}

template <typename Products>
void forward(const Backend::Attention& s) {
  using T = typename Products::Element;
  constexpr AttentionWay WAY = Products::WAY;
  AttentionRows<const T> in(static_cast<const T*>(s.q), static_cast<const T*>(s.kv), s);
  T* y = static_cast<T*>(s.y);
  int width = s.width, block = query_block(s, WAY), chunks = (s.queries + QUERY_CHUNK - 1) / QUERY_CHUNK;
  int64_t channels = int64_t{s.heads} * width, keys = padded(s.keys), wide = padded(width);
  float scale = LOG2_E / std::sqrt(static_cast<float>(width));
  float before = Products::SCALES_OPERANDS ? scale : 1, after = Products::SCALES_OPERANDS ? 1 : scale;
  parallel_tasks<ForwardScratch>(int64_t{s.batch} * s.heads * chunks, s, WAY, [&](int64_t task, ForwardScratch at) {
    Products products;
    int64_t chunk = task % chunks, head = task / chunks % s.heads, b = task / chunks / s.heads;
    const T* q = in.q + b * s.queries * in.q_stride + head * width;
    int64_t kv0 = b * s.keys * in.kv_stride + head * width;
    products.pack_columns(in.k + kv0, in.kv_stride, s.keys, width, at.keys);
    products.pack(in.v + kv0, in.kv_stride, s.keys, width, 1, at.values);
    int end = static_cast<int>(std::min<int64_t>(s.queries, (chunk + 1) * QUERY_CHUNK));
    for (int t = static_cast<int>(chunk) * QUERY_CHUNK; t < end; t += block) {
      int rows = std::min(block, end - t), used = keys_before(s, t + rows);
      products.scores(products.rows(q + t * in.q_stride, in.q_stride, rows, width, before, at.queries), rows, at.keys, width, used, at.scores,
                      keys);
      float maxima[96], totals[96];
      for (int r = 0; r < rows; r++) {
        float* row = at.scores + r * keys;
        int own = keys_before(s, t + r + 1);
        products.softmax(row, own, after, maxima + r, totals + r);
        if (own < used) products.clear_scores(row, own, used);
      }
      products.over_keys(at.scores, keys, rows, at.values, packed_depth(WAY, s.keys), used, width, at.sums, wide, false);
      float* kept = s.lse + (b * s.heads + head) * s.queries + t;
      for (int r = 0; r < rows; r++) {
        write_row(at.sums + r * wide, 1 / totals[r], width, y + (b * s.queries + t + r) * channels + head * width);
        kept[r] = maxima[r] * LN2 + std::log(totals[r]);
      }
    }
  });
}

template <typename Products>
void backward(const Backend::AttentionBackward& o) {
  using T = typename Products::Element;
  constexpr AttentionWay WAY = Products::WAY;
  constexpr int QUERIES = BACKWARD_QUERIES, KEYS = BACKWARD_KEYS;
  const Backend::Attention& s = o.forward;
  AttentionRows<const T> in(static_cast<const T*>(s.q), static_cast<const T*>(s.kv), s);
  AttentionRows<T> out(static_cast<T*>(o.dq), static_cast<T*>(o.dkv), s);
  const T *y = static_cast<const T*>(s.y), *dy = static_cast<const T*>(o.dy);
  int width = s.width;
  int64_t channels = int64_t{s.heads} * width, wide = padded(width);
  float root = 1 / std::sqrt(static_cast<float>(width));
  float before = Products::SCALES_OPERANDS ? root : 1, after = Products::SCALES_OPERANDS ? 1 : root;
  parallel_tasks<BackwardScratch>(int64_t{s.batch} * s.heads, s, WAY, [&](int64_t task, BackwardScratch at) {
    Products products;
    int64_t head = task % s.heads, b = task / s.heads;
    int64_t q0 = b * s.queries * in.q_stride + head * width, kv0 = b * s.keys * in.kv_stride + head * width;
    products.pack_columns(in.k + kv0, in.kv_stride, s.keys, width, at.keys);
    products.pack_columns(in.v + kv0, in.kv_stride, s.keys, width, at.values);
    products.pack(in.k + kv0, in.kv_stride, s.keys, width, before, at.key_rows);
    if (s.causal)  // the last keys' first queries are not the first block's
      for (float* sums : {at.dk, at.dv}) std::fill(sums, sums + padded(s.keys) * wide, 0.f);
    for (int t = 0; t < s.queries; t += QUERIES) {
      int rows = std::min(QUERIES, s.queries - t);
      int64_t first = (b * s.queries + t) * channels + head * width;
      const T* q = in.q + q0 + t * in.q_stride;
      auto q_rows = products.rows(q, in.q_stride, rows, width, before * LOG2_E, at.q);
      auto dy_rows = products.rows(dy + first, channels, rows, width, 1, at.dy);
      products.pack_queries(q, in.q_stride, rows, width, before, at.q_packed, at.unpacked);
      products.pack_queries(dy + first, channels, rows, width, 1, at.dy_packed, at.unpacked);
      products.clear_padding(rows, at);
      const float* kept = s.lse + (b * s.heads + head) * s.queries + t;
      typename Products::GradientRow of[QUERIES];
      for (int r = 0; r < rows; r++)
        of[r] = {at.p + r * KEYS, at.ds + r * KEYS, kept[r] * LOG2_E, dot(dy + first + r * channels, y + first + r * channels, width)};
      for (int key = 0; key < keys_before(s, t + rows); key += KEYS) {
        int columns = std::min(KEYS, s.keys - key);
        int64_t block = key * packed_depth(WAY, width);
        products.scores(q_rows, rows, at.keys + block, width, columns, at.p, KEYS);
        products.scores(dy_rows, rows, at.values + block, width, columns, at.ds, KEYS);
        if (s.causal)  // the exponential of -infinity is 2^-126
          for (int r = 0; r < rows; r++)
            for (int c = std::max(0, t + r + 1 - key); c < columns; c++) of[r].scores[c] = -INFINITY;
        products.gradients(of, rows, columns, after * LOG2_E, columns == s.keys, at);
        products.over_queries(at.p_words, at.dy_packed, rows, s, key, columns, at.dv, s.causal || t > 0);
        products.over_queries(at.ds_words, at.q_packed, rows, s, key, columns, at.dk, s.causal || t > 0);
        products.over_keys(at.ds, KEYS, rows, at.key_rows + packed_depth(WAY, key) * PANEL, packed_depth(WAY, s.keys), columns, width, at.dq,
                           wide, key > 0);
      }
      for (int r = 0; r < rows; r++) write_row(at.dq + r * wide, after, width, out.q + q0 + (t + r) * in.q_stride);
    }
    products.write_keys(at.dk, s, after, out.k + kv0, in.kv_stride, at);
    products.write_keys(at.dv, s, 1, out.v + kv0, in.kv_stride, at);
  });
}

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
