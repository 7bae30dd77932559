// Floor: forward 4 T S D FLOPs a head, backward 10, at the peak of fused multiply-add, plus the exponentials: about 12 vector operations
// for each vector of scores, compared with 2 D multiply-adds. Memory is read and written once: K and V of a head are packed in level 2,
// scores never leave level 1 for up to 512 keys. bf16 computes in f32 on processors without bf16 instructions (for those with, see pairs.h
// and amx.h).
#include "common/parallel.h"
#include "kernels/attention/attention.h"
#include "kernels/attention/tile.h"
#ifdef __AVX512BF16__
#include "kernels/attention/amx.h"
#include "kernels/attention/pairs.h"
#endif

namespace fizzy::FIZZY_LEVEL {
namespace {

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

template <typename T>
void forward(const AttentionRows<const T>& in, T* y, float* lse, const AttentionShape& s, float* scratch, int slots) {
  int width = s.width, block = query_block(s);
  int64_t channels = int64_t{s.heads} * width, keys = padded(s.keys);
  int chunks = (s.queries + QUERY_CHUNK - 1) / QUERY_CHUNK;
  float scale = LOG2_E / std::sqrt(static_cast<float>(width));
  parallel_tasks(int64_t{s.batch} * s.heads * chunks, slots, scratch, attention_slot(s), [&](int64_t task, float* at) {
    int64_t chunk = task % chunks, head = task / chunks % s.heads, b = task / chunks / s.heads;
    const T* q = in.q + b * s.queries * in.q_stride + head * width;
    const T* k = in.k + b * s.keys * in.kv_stride + head * width;
    const T* v = in.v + b * s.keys * in.kv_stride + head * width;
    float* kt = allot(at, keys * width);
    float* vs = allot(at, s.keys * padded(width));
    float* qs = allot(at, int64_t{block} * width);
    float* scores = allot(at, block * keys);
    float* sums = allot(at, block * padded(width));
    pack_transposed(k, in.kv_stride, s.keys, width, kt);
    pack_panels(v, in.kv_stride, s.keys, width, 1, vs);
    int end = static_cast<int>(std::min<int64_t>(s.queries, (chunk + 1) * QUERY_CHUNK));
    for (int t = static_cast<int>(chunk) * QUERY_CHUNK; t < end; t += block) {
      int rows = std::min(block, end - t);
      pack_rows(q + t * in.q_stride, in.q_stride, rows, width, scale, qs);
      multiply<true>(qs, width, rows, kt, int64_t{width} * PANEL, width, s.keys, scores, keys, false);
      float maxima[96], totals[96];
      for (int r = 0; r < rows; r++) softmax_row(scores + r * keys, s.keys, maxima + r, totals + r);
      multiply<true>(scores, keys, rows, vs, int64_t{s.keys} * PANEL, s.keys, width, sums, padded(width), false);
      float* kept = lse + (b * s.heads + head) * s.queries + t;
      for (int r = 0; r < rows; r++) {
        write_row(sums + r * padded(width), 1 / totals[r], width, y + (b * s.queries + t + r) * channels + head * width);
        kept[r] = maxima[r] * LN2 + std::log(totals[r]);
      }
    }
  });
}

// p holds scores as base-2 exponents and becomes the probabilities; dp holds the gradients of the probabilities and becomes those of the
// scores. n is a multiple of LANES.
inline void softmax_gradient_row(float* p, float* dp, int n, float lse, float delta) {
  for (int i = 0; i < n; i += LANES) {
    vfloat probability = exp2(load(p + i) - lse);
    store(p + i, probability);
    store(dp + i, probability * (load(dp + i) - delta));
  }
}

template <typename T>
void backward(const AttentionRows<const T>& in, const T* y, const float* lse, const T* dy, const AttentionRows<T>& out, const AttentionShape& s,
              float* scratch, int slots) {
  constexpr int QUERIES = BACKWARD_QUERIES, KEYS = BACKWARD_KEYS;
  int width = s.width;
  int64_t channels = int64_t{s.heads} * width, wide = padded(width);
  float root = 1 / std::sqrt(static_cast<float>(width));
  parallel_tasks(int64_t{s.batch} * s.heads, slots, scratch, attention_backward_slot(s), [&](int64_t task, float* at) {
    int64_t head = task % s.heads, b = task / s.heads;
    int64_t q0 = b * s.queries * in.q_stride + head * width, kv0 = b * s.keys * in.kv_stride + head * width;
    float* kt = allot(at, padded(s.keys) * width);
    float* vt = allot(at, padded(s.keys) * width);
    float* ks = allot(at, s.keys * wide);
    float* dk = allot(at, s.keys * wide);
    float* dv = allot(at, s.keys * wide);
    float* q_rows = allot(at, QUERIES * width);
    float* dy_rows = allot(at, QUERIES * width);
    float* q_panels = allot(at, QUERIES * wide);
    float* dy_panels = allot(at, QUERIES * wide);
    float* dq = allot(at, QUERIES * wide);
    float* p = allot(at, QUERIES * KEYS);
    float* ds = allot(at, QUERIES * KEYS);
    pack_transposed(in.k + kv0, in.kv_stride, s.keys, width, kt);
    pack_transposed(in.v + kv0, in.kv_stride, s.keys, width, vt);
    pack_panels(in.k + kv0, in.kv_stride, s.keys, width, root, ks);
    for (int t = 0; t < s.queries; t += QUERIES) {
      int rows = std::min(QUERIES, s.queries - t);
      int64_t first = (b * s.queries + t) * channels + head * width;
      const T* q = in.q + q0 + t * in.q_stride;
      pack_rows(q, in.q_stride, rows, width, root * LOG2_E, q_rows);
      pack_panels(q, in.q_stride, rows, width, root, q_panels);
      pack_rows(dy + first, channels, rows, width, 1, dy_rows);
      pack_panels(dy + first, channels, rows, width, 1, dy_panels);
      float deltas[QUERIES];
      for (int r = 0; r < rows; r++) deltas[r] = dot(dy + first + r * channels, y + first + r * channels, width);
      const float* kept = lse + (b * s.heads + head) * s.queries + t;
      for (int key = 0; key < s.keys; key += KEYS) {
        int columns = std::min(KEYS, s.keys - key), whole = (columns + LANES - 1) / LANES * LANES;
        multiply<true>(q_rows, width, rows, kt + int64_t{key} * width, int64_t{width} * PANEL, width, columns, p, KEYS, false);
        multiply<true>(dy_rows, width, rows, vt + int64_t{key} * width, int64_t{width} * PANEL, width, columns, ds, KEYS, false);
        for (int r = 0; r < rows; r++) softmax_gradient_row(p + r * KEYS, ds + r * KEYS, whole, kept[r] * LOG2_E, deltas[r]);
        multiply<false>(p, KEYS, columns, dy_panels, int64_t{rows} * PANEL, rows, width, dv + key * wide, wide, t > 0);
        multiply<false>(ds, KEYS, columns, q_panels, int64_t{rows} * PANEL, rows, width, dk + key * wide, wide, t > 0);
        multiply<true>(ds, KEYS, rows, ks + int64_t{key} * PANEL, int64_t{s.keys} * PANEL, columns, width, dq, wide, key > 0);
      }
      for (int r = 0; r < rows; r++) write_row(dq + r * wide, 1, width, out.q + q0 + (t + r) * in.q_stride);
    }
    for (int key = 0; key < s.keys; key++) {
      write_row(dk + key * wide, 1, width, out.k + kv0 + key * in.kv_stride);
      write_row(dv + key * wide, 1, width, out.v + kv0 + key * in.kv_stride);
    }
  });
}

}  // namespace

void attention(const Backend::Attention& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto run = forward<T>;
#ifdef __AVX512BF16__
    if constexpr (sizeof(T) == 2) {
      cpu::AttentionWay way = cpu::attention_way(o);
      if (way != cpu::AttentionWay::VECTORS) run = way == cpu::AttentionWay::TILES ? forward_tiles : forward_pairs;
    }
#endif
    run({static_cast<const T*>(o.q), static_cast<const T*>(o.kv), o}, static_cast<T*>(o.y), o.lse, o, static_cast<float*>(o.scratch), o.threads);
  });
}

void attention_backward(const Backend::AttentionBackward& o) {
  const Backend::Attention& a = o.forward;
  by_type(a.type, [&](auto t) {
    using T = decltype(t);
    auto run = backward<T>;
#ifdef __AVX512BF16__
    if constexpr (sizeof(T) == 2) {
      cpu::AttentionWay way = cpu::attention_way(a);
      if (way != cpu::AttentionWay::VECTORS) run = way == cpu::AttentionWay::TILES ? backward_tiles : backward_pairs;
    }
#endif
    run({static_cast<const T*>(a.q), static_cast<const T*>(a.kv), a}, static_cast<const T*>(a.y), a.lse, static_cast<const T*>(o.dy),
        {static_cast<T*>(o.dq), static_cast<T*>(o.dkv), a}, a, static_cast<float*>(a.scratch), a.threads);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
