// Block sizes of attention on the CPU: pure functions of the shape, so that results depend on nothing else.
#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/attention/attention.h"

namespace fizzy {

constexpr int PANEL_MAX = 32;  // columns of a packed panel: two vectors, of 8 or of 16 lanes

// Rounded up to whole panels of every level.
constexpr int64_t padded(int64_t n) { return (n + PANEL_MAX - 1) / PANEL_MAX * PANEL_MAX; }

// Forward: query rows whose scores against all keys fill about 24 KiB, three quarters of the level-1 cache; multiples of the
// micro-kernel's 6 rows, and at least 12, so that each panel of keys that comes from level 2 is used twice.
inline int query_block(const AttentionShape& s) {
  int64_t rows = 24 * 1024 / 4 / padded(s.keys) / 12 * 12;
  return static_cast<int>(std::clamp<int64_t>(rows, 12, 96));
}

// Forward: queries of a head that one task takes. Below this a head is one task; above, keys and values are packed again for
// each task, which costs 1/16 of the task and lets one image with one head use several cores.
constexpr int QUERY_CHUNK = 384;

// Backward: a block of 48 queries by 64 keys: probabilities and their gradients, 24 KiB together, stay in level 1, and every
// product is at least 32 deep, so that loading and storing its sums costs a tenth.
constexpr int BACKWARD_QUERIES = 48, BACKWARD_KEYS = 64;

// The same on tiles of 16 rows, by twos: scores may fill the level-1 cache of a processor that has them, 48 KiB.
inline int tile_query_block(const AttentionShape& s) { return std::max(32, query_block(s) / 32 * 32); }
// And words of queries, two rows each, up to whole tiles of 16.
constexpr int TILE_QUERY_WORDS = (BACKWARD_QUERIES / 2 + 15) / 16 * 16;

}  // namespace fizzy
