// Block sizes of attention on the CPU: pure functions of the shape, so that results do not depend on the number of threads.
#pragma once
#include <algorithm>

#include "fizzy/backend.h"

namespace fizzy {

using AttentionShape = Backend::Attention;  // only its sizes are read

constexpr int PANEL_MAX = 32;  // columns of a packed panel: two vectors of 16 lanes; levels with 8 lanes use 16

// Rounded up to a multiple of every level's panel.
constexpr int64_t padded(int64_t n) { return (n + PANEL_MAX - 1) / PANEL_MAX * PANEL_MAX; }

// Forward: query rows per block, so that their scores against all keys take about 24 KiB, three quarters of the level-1 cache; a multiple
// of the micro-kernel's 6 rows, and at least 12, so that each panel of keys loaded from level 2 is used twice.
inline int query_block(const AttentionShape& s) {
  int64_t rows = 24 * 1024 / 4 / padded(s.keys) / 12 * 12;
  return static_cast<int>(std::clamp<int64_t>(rows, 12, 96));
}

// Forward: queries of a head in one task. A head with fewer queries is one task; with more, keys and values are packed again for each task,
// which costs 1/16 of the task, so that one image with one head can use several cores.
constexpr int QUERY_CHUNK = 384;

// Backward: a block of 48 queries by 64 keys: probabilities and their gradients, 24 KiB together, stay in level 1, and every
// product is at least 32 deep, so that loading and storing its sums costs a tenth.
constexpr int BACKWARD_QUERIES = 48, BACKWARD_KEYS = 64;

// The same for AMX, in multiples of two tiles of 16 rows: scores may fill the level-1 cache, which is 48 KiB on processors with AMX.
inline int tile_query_block(const AttentionShape& s) { return std::max(32, query_block(s) / 32 * 32); }
// Words of queries, two rows each, rounded up to whole tiles of 16.
constexpr int TILE_QUERY_WORDS = (BACKWARD_QUERIES / 2 + 15) / 16 * 16;

constexpr int64_t LINE = 16;  // floats in a cache line; each buffer of a slot is rounded up to a multiple
inline int64_t lines(int64_t floats) { return (floats + LINE - 1) / LINE * LINE; }

// Floats of scratch that one thread needs, at any level: the larger of what tile.h and amx.h need; pairs.h needs less than either.
inline int64_t attention_slot(const AttentionShape& s) {
  int64_t block = query_block(s), tile_block = tile_query_block(s), keys = padded(s.keys), wide = padded(s.width);
  int64_t vectors = lines(keys * s.width) + lines(s.keys * wide) + lines(block * s.width) + lines(block * keys) + lines(block * wide);
  int64_t tiles = 2 * lines(keys * wide / 2) + lines(tile_block * keys) + lines(tile_block * wide);
  return std::max(vectors, tiles);
}

inline int64_t attention_backward_slot(const AttentionShape& s) {
  constexpr int64_t QUERIES = BACKWARD_QUERIES, KEYS = BACKWARD_KEYS;
  int64_t keys = padded(s.keys), wide = padded(s.width);
  int64_t vectors = 2 * lines(keys * s.width) + 3 * lines(s.keys * wide) + 2 * lines(QUERIES * s.width) + 3 * lines(QUERIES * wide) +
                    2 * lines(QUERIES * KEYS);
  int64_t tiles = 3 * lines(keys * wide / 2) + 2 * lines(keys * wide) + lines(QUERIES / 2 * wide) + 2 * lines(wide * PANEL_MAX) +
                  lines(QUERIES * wide) + 2 * lines(QUERIES * KEYS) + 2 * lines(TILE_QUERY_WORDS * KEYS);
  return std::max(vectors, tiles);
}

namespace cpu {
inline int64_t scratch_bytes(const Backend::Attention& a) { return a.threads * attention_slot(a) * int64_t{sizeof(float)}; }
inline int64_t scratch_bytes(const Backend::AttentionBackward& a) {
  return a.forward.threads * attention_backward_slot(a.forward) * int64_t{sizeof(float)};
}
}  // namespace cpu

}  // namespace fizzy
