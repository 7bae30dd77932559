// Attention in bf16 on the tiles of AMX-BF16 (Intel, "Intrinsics for tile architecture"): one instruction adds 16x16x32 products. On the
// AMX processor that was measured, the dot products of pairs.h were no faster than f32.
// Words and panels are those of pairs.h; a tile is 16 rows of 16 words. Both operands are padded with zeros to whole tiles along the depth:
// padding one is not enough, since NaN * 0 is NaN. Sums over queries are stored transposed, [width][keys], so that the probabilities can be
// used as B without a copy; the query rows are transposed instead.
#pragma once
#include "kernels/attention/pairs.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

#define FIZZY_TILES __attribute__((target("amx-tile,amx-bf16")))

constexpr int TILE = 16;

constexpr int64_t whole_tiles(int64_t n) { return (n + TILE - 1) / TILE * TILE; }

// Configures this thread's tiles as 16 rows of 64 bytes each; the destructor releases them.
struct Tiles {
  struct alignas(64) Palette {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {TILE, TILE, TILE, TILE, TILE, TILE, TILE, TILE};
  };
  FIZZY_TILES Tiles() {
    Palette palette;
    __asm__ volatile("" : : "r"(&palette) : "memory");
    _tile_loadconfig(&palette);
  }
  FIZZY_TILES ~Tiles() { _tile_release(); }
};

// Addresses and strides of A's rows and B's words. B's columns are in panels of PANEL; strides are in bytes, but `panel` is in words.
struct TileOperands {
  const void* a;
  int64_t a_stride;
  const float* b;
  int64_t b_stride, panel;
};

// c[16 R][16 V] (+)= A B, R and V are 1 or 2. Tiles 0 to 3 hold sums, 4 and 5 rows of A, 6 and 7 columns of B.
template <int R, int V>
FIZZY_TILES void tile_block(const char* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t depth, float* c, int64_t ldc, bool add) {
  int64_t c_stride = ldc * 4;
  __asm__ volatile("" : : : "memory");  // the intrinsics do not declare that they read memory
  if (add) {
    _tile_loadd(0, c, c_stride);
    if (V == 2) _tile_loadd(1, c + TILE, c_stride);
    if (R == 2) _tile_loadd(2, c + TILE * ldc, c_stride);
    if (R == 2 && V == 2) _tile_loadd(3, c + TILE * ldc + TILE, c_stride);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t d = 0; d < depth; d += TILE) {
    const char* words = reinterpret_cast<const char*>(b) + d * b_stride;
    _tile_loadd(4, a + d * 4, a_stride);
    _tile_loadd(6, words, b_stride);
    _tile_dpbf16ps(0, 4, 6);
    if (V == 2) {
      _tile_loadd(7, words + 64, b_stride);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (R == 2) {
      _tile_loadd(5, a + TILE * a_stride + d * 4, a_stride);
      _tile_dpbf16ps(2, 5, 6);
    }
    if (R == 2 && V == 2) _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, c_stride);
  if (V == 2) _tile_stored(1, c + TILE, c_stride);
  if (R == 2) _tile_stored(2, c + TILE * ldc, c_stride);
  if (R == 2 && V == 2) _tile_stored(3, c + TILE * ldc + TILE, c_stride);
}

// C = A B, or C += A B. rows and columns are rounded up to whole tiles, for which all buffers have room; depth, in words, is a multiple of
// a tile.
inline void multiply_tiles(const TileOperands& in, int64_t depth, int64_t rows, int64_t columns, float* c, int64_t ldc, bool add) {
  for (int64_t n = 0; n < columns; n += PANEL) {
    const float* b = in.b + n / PANEL * in.panel;
    bool two = columns - n > TILE;
    for (int64_t r = 0; r < rows; r += 2 * TILE) {
      auto a = static_cast<const char*>(in.a) + r * in.a_stride;
      float* to = c + r * ldc + n;
      if (rows - r > TILE)
        two ? tile_block<2, 2>(a, in.a_stride, b, in.b_stride, depth, to, ldc, add)
            : tile_block<2, 1>(a, in.a_stride, b, in.b_stride, depth, to, ldc, add);
      else
        two ? tile_block<1, 2>(a, in.a_stride, b, in.b_stride, depth, to, ldc, add)
            : tile_block<1, 1>(a, in.a_stride, b, in.b_stride, depth, to, ldc, add);
    }
  }
}

// Scores of rows read directly from a tensor, where reading past the last row is not allowed: rows beyond the last whole tile are
// multiplied as pairs.
inline void multiply_scores(const bf16* rows, int64_t stride, int count, const float* panels, int64_t panel, int width, int keys, float* c,
                            int64_t ldc) {
  int whole = count / TILE * TILE;
  if (whole > 0) multiply_tiles({rows, stride * 2, panels, PANEL * 4, panel}, width / 2, whole, keys, c, ldc, false);
  if (whole < count)
    multiply_pairs({rows + whole * stride, stride, 2}, count - whole, panels, panel, width / 2, keys, c + whole * ldc, ldc, false);
}

// Unpacks A's rows [width][PANEL] from panels of pairs [width/PANEL][depth][PANEL]; depth is at most PANEL.
inline void transpose_pairs(const float* pairs, int64_t depth, int width, float* rows) {
  for (int n = 0; n < width; n += PANEL) pack_transposed(pairs + n * depth, PANEL, static_cast<int>(depth), PANEL, rows + n * PANEL);
}

// out[key][0 .. width) = sums[.][key] * factor. room: scratch of PANEL * PANEL floats.
inline void write_transposed(const float* sums, int64_t stride, int keys, int width, float factor, bf16* out, int64_t out_stride, float* room) {
  for (int n = 0; n < width; n += PANEL)
    for (int key = 0; key < keys; key += PANEL) {
      pack_transposed(sums + n * stride + key, stride, PANEL, PANEL, room);
      for (int i = 0; i < std::min(PANEL, keys - key); i++) write_row(room + i * PANEL, factor, PANEL, out + (key + i) * out_stride + n);
    }
}

inline void clear(bf16* row, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) row[i] = from_float<bf16>(0);
}

inline void forward_tiles(const AttentionRows<const bf16>& in, bf16* y, float* lse, const AttentionShape& s, float* scratch, int slots) {
  int width = s.width, block = tile_query_block(s);
  int64_t channels = int64_t{s.heads} * width, keys = padded(s.keys), deep = whole_tiles(words(s.keys));
  int chunks = (s.queries + QUERY_CHUNK - 1) / QUERY_CHUNK;
  float scale = LOG2_E / std::sqrt(static_cast<float>(width));
  parallel_tasks(int64_t{s.batch} * s.heads * chunks, slots, scratch, attention_slot(s), [&](int64_t task, float* at) {
    Tiles tiles;
    int64_t chunk = task % chunks, head = task / chunks % s.heads, b = task / chunks / s.heads;
    const bf16* q = in.q + b * s.queries * in.q_stride + head * width;
    float* kt = allot(at, keys * width / 2);
    float* vs = allot(at, deep * width);
    float* scores = allot(at, block * keys);
    float* sums = allot(at, int64_t{block} * width);
    pack_words_transposed(in.k + b * s.keys * in.kv_stride + head * width, in.kv_stride, s.keys, width, kt);
    pack_pairs(in.v + b * s.keys * in.kv_stride + head * width, in.kv_stride, s.keys, width, vs, deep);
    int end = static_cast<int>(std::min<int64_t>(s.queries, (chunk + 1) * QUERY_CHUNK));
    for (int t = static_cast<int>(chunk) * QUERY_CHUNK; t < end; t += block) {
      int rows = std::min(block, end - t);
      multiply_scores(q + t * in.q_stride, in.q_stride, rows, kt, int64_t{width} / 2 * PANEL, width, s.keys, scores, keys);
      float maxima[96], totals[96];
      for (int r = 0; r < rows; r++) {
        float* row = scores + r * keys;
        softmax_row_to_bf16(row, s.keys, scale, maxima + r, totals + r);
        clear(reinterpret_cast<bf16*>(row), s.keys, 2 * deep);
      }
      multiply_tiles({scores, keys * 4, vs, PANEL * 4, deep * PANEL}, deep, rows, width, sums, width, false);
      float* kept = lse + (b * s.heads + head) * s.queries + t;
      for (int r = 0; r < rows; r++) {
        write_row(sums + r * width, 1 / totals[r], width, y + (b * s.queries + t + r) * channels + head * width);
        kept[r] = maxima[r] * LN2 + std::log(totals[r]);
      }
    }
  });
}

inline void backward_tiles(const AttentionRows<const bf16>& in, const bf16* y, const float* lse, const bf16* dy, const AttentionRows<bf16>& out,
                           const AttentionShape& s, float* scratch, int slots) {
  constexpr int QUERIES = BACKWARD_QUERIES, KEYS = BACKWARD_KEYS, DEEP = TILE_QUERY_WORDS;
  static_assert(DEEP >= words(QUERIES) && DEEP <= PANEL && KEYS % PANEL == 0);
  int width = s.width;
  int64_t channels = int64_t{s.heads} * width, keys = padded(s.keys), deep = whole_tiles(words(s.keys));
  float root = 1 / std::sqrt(static_cast<float>(width));
  parallel_tasks(int64_t{s.batch} * s.heads, slots, scratch, attention_backward_slot(s), [&](int64_t task, float* at) {
    Tiles tiles;
    int64_t head = task % s.heads, b = task / s.heads;
    int64_t q0 = b * s.queries * in.q_stride + head * width, kv0 = b * s.keys * in.kv_stride + head * width;
    float* kt = allot(at, keys * width / 2);
    float* vt = allot(at, keys * width / 2);
    float* ks = allot(at, deep * width);
    float* dk = allot(at, keys * width);
    float* dv = allot(at, keys * width);
    float* pairs = allot(at, words(QUERIES) * width);
    float* q_rows = allot(at, int64_t{width} * PANEL);
    float* dy_rows = allot(at, int64_t{width} * PANEL);
    float* dq = allot(at, int64_t{QUERIES} * width);
    float* p = allot(at, QUERIES * KEYS);
    float* ds = allot(at, QUERIES * KEYS);
    float* p_pairs = allot(at, DEEP * KEYS);
    float* ds_pairs = allot(at, DEEP * KEYS);
    pack_words_transposed(in.k + kv0, in.kv_stride, s.keys, width, kt);
    pack_words_transposed(in.v + kv0, in.kv_stride, s.keys, width, vt);
    pack_pairs(in.k + kv0, in.kv_stride, s.keys, width, ks, deep);
    for (int t = 0; t < s.queries; t += QUERIES) {
      int rows = std::min(QUERIES, s.queries - t);
      int64_t first = (b * s.queries + t) * channels + head * width, deep_rows = whole_tiles(words(rows));
      const bf16* q = in.q + q0 + t * in.q_stride;
      pack_pairs(q, in.q_stride, rows, width, pairs, words(rows));
      transpose_pairs(pairs, words(rows), width, q_rows);
      pack_pairs(dy + first, channels, rows, width, pairs, words(rows));
      transpose_pairs(pairs, words(rows), width, dy_rows);
      std::fill(p_pairs + words(rows) * KEYS, p_pairs + deep_rows * KEYS, 0.f);
      std::fill(ds_pairs + words(rows) * KEYS, ds_pairs + deep_rows * KEYS, 0.f);
      const float* kept = lse + (b * s.heads + head) * s.queries + t;
      GradientRow of[QUERIES];
      for (int r = 0; r < rows; r++)
        of[r] = GradientRow(p + r * KEYS, ds + r * KEYS, kept[r], dy + first + r * channels, y + first + r * channels, width);
      for (int key = 0; key < s.keys; key += KEYS) {
        int columns = std::min(KEYS, s.keys - key);
        int64_t block = int64_t{key} * width / 2, panel = int64_t{width} / 2 * PANEL, deep_columns = whole_tiles(words(columns));
        multiply_scores(q, in.q_stride, rows, kt + block, panel, width, columns, p, KEYS);
        multiply_scores(dy + first, channels, rows, vt + block, panel, width, columns, ds, KEYS);
        for (int r = 0; r < rows; r++) of[r].to_probabilities(columns, splat(root * LOG2_E), columns == s.keys);
        auto place = [](float* pair_rows, int r) { return reinterpret_cast<bf16*>(pair_rows + r / 2 * BACKWARD_KEYS); };
        for (int r = 0; r < rows; r += 2)
          softmax_gradient_pair(of[r], r + 1 < rows ? of + r + 1 : nullptr, columns, place(p_pairs, r), place(ds_pairs, r));
        for (int r = 0; r < rows; r++) clear(reinterpret_cast<bf16*>(ds + r * KEYS), columns, 2 * deep_columns);
        multiply_tiles({dy_rows, PANEL * 4, p_pairs, KEYS * 4, PANEL}, deep_rows, width, columns, dv + key, keys, t > 0);
        multiply_tiles({q_rows, PANEL * 4, ds_pairs, KEYS * 4, PANEL}, deep_rows, width, columns, dk + key, keys, t > 0);
        multiply_tiles({ds, KEYS * 4, ks + int64_t{key} / 2 * PANEL, PANEL * 4, deep * PANEL}, deep_columns, rows, width, dq, width, key > 0);
      }
      for (int r = 0; r < rows; r++) write_row(dq + r * width, root, width, out.q + q0 + (t + r) * in.q_stride);
    }
    write_transposed(dk, keys, s.keys, width, root, out.k + kv0, in.kv_stride, p);
    write_transposed(dv, keys, s.keys, width, 1, out.v + kv0, in.kv_stride, p);
  });
}

#undef FIZZY_TILES

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
