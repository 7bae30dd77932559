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

// The products for driver.h.
struct TileProducts {
  using Element = bf16;
  static constexpr AttentionWay WAY = AttentionWay::TILES;
  static constexpr bool SCALES_OPERANDS = false;
  Tiles tiles;

  using Rows = PairProducts::Rows;
  static Rows rows(const bf16* in, int64_t stride, int, int, float, float*) { return {in, stride}; }
  static void pack_columns(const bf16* rows, int64_t stride, int count, int width, float* panels) {
    pack_words_transposed(rows, stride, count, width, panels);
  }
  static void pack(const bf16* rows, int64_t stride, int count, int width, float, float* panels) {
    pack_pairs(rows, stride, count, width, panels, packed_depth(WAY, count));
  }

  // Rows are read from a tensor, where reading past the last one is not allowed: those beyond the last whole tile are multiplied as pairs.
  static void scores(Rows a, int count, const float* panels, int width, int keys, float* c, int64_t ldc) {
    int whole = count / TILE * TILE;
    if (whole > 0) multiply_tiles({a.first, a.stride * 2, panels, PANEL * 4, int64_t{width} / 2 * PANEL}, width / 2, whole, keys, c, ldc, false);
    if (whole < count) PairProducts::scores({a.first + whole * a.stride, a.stride}, count - whole, panels, width, keys, c + whole * ldc, ldc);
  }
  static void softmax(float* row, int n, float scale, float* maximum, float* total) {
    softmax_row_to_bf16(row, n, scale, maximum, total);
    clear(as_bf16(row), n, 2 * packed_depth(WAY, n));
  }
  static void clear_scores(float* row, int from, int to) { clear(as_bf16(row), from, 2 * packed_depth(WAY, to)); }
  static void over_keys(const float* scores, int64_t lds, int count, const float* panels, int64_t depth, int keys, int width, float* c,
                        int64_t ldc, bool add) {
    multiply_tiles({scores, lds * 4, panels, PANEL * 4, depth * PANEL}, packed_depth(WAY, keys), count, width, c, ldc, add);
  }

  // Packed as left operand: sums over queries are stored transposed.
  static void pack_queries(const bf16* rows, int64_t stride, int count, int width, float, float* packed, float* unpacked) {
    static_assert(packed_depth(WAY, BACKWARD_QUERIES) == PANEL && BACKWARD_KEYS % PANEL == 0);
    pack_pairs(rows, stride, count, width, unpacked, words(count));
    transpose_pairs(unpacked, words(count), width, packed);
  }
  static void over_queries(const float* pairs, const float* packed, int count, const AttentionShape& s, int key, int columns, float* sums,
                           bool add) {
    multiply_tiles({packed, PANEL * 4, pairs, BACKWARD_KEYS * 4, PANEL}, packed_depth(WAY, count), s.width, columns, sums + key, padded(s.keys),
                   add);
  }
  static void write_keys(const float* sums, const AttentionShape& s, float factor, bf16* out, int64_t stride, const BackwardScratch& at) {
    write_transposed(sums, padded(s.keys), s.keys, s.width, factor, out, stride, at.p);
  }

  using GradientRow = PairProducts::GradientRow;
  static void clear_padding(int count, const BackwardScratch& at) {
    for (float* pairs : {at.p_words, at.ds_words})
      std::fill(pairs + words(count) * BACKWARD_KEYS, pairs + packed_depth(WAY, count) * BACKWARD_KEYS, 0.f);
  }
  static void gradients(GradientRow* rows, int count, int columns, float scale, bool all_keys, const BackwardScratch& at) {
    PairProducts::gradients(rows, count, columns, scale, all_keys, at);
    for (int r = 0; r < count; r++) clear(as_bf16(rows[r].gradients), columns, 2 * packed_depth(WAY, columns));
  }
};

#undef FIZZY_TILES

}  // namespace
}  // namespace fizzy::FIZZY_LEVEL
