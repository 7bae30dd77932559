// Block sizes and scratch of attention on the CPU: pure functions of the shape, so that results do not depend on the number of threads.
#pragma once
#include <algorithm>

#include "fizzy/backend.h"

namespace fizzy {
// The implementations, best first: bf16 products on AMX tiles (tiles.h), bf16 products on pairs (pairs.h), f32 products on vectors
// (vectors.h).
enum class AttentionWay { TILES, PAIRS, VECTORS };

// Without linkage, as everything that code of a level calls: the linker must not choose a copy with instructions that the processor lacks.
namespace {

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

// The keys that some of the queries before `end` attend to.
inline int keys_before(const AttentionShape& s, int end) { return s.causal ? end : s.keys; }

// Forward: queries of a head in one task. A head with fewer queries is one task; with more, keys and values are packed again for each task,
// which costs 1/16 of the task, so that one image with one head can use several cores.
constexpr int QUERY_CHUNK = 384;

// Backward: a block of 48 queries by 64 keys: probabilities and their gradients, 24 KiB together, stay in level 1, and every
// product is at least 32 deep, so that loading and storing its sums costs a tenth.
constexpr int BACKWARD_QUERIES = 48, BACKWARD_KEYS = 64;

// For AMX, a multiple of two tiles of 16 rows: scores may fill the level-1 cache, which is 48 KiB on processors with AMX.
inline int query_block(const AttentionShape& s, AttentionWay way) {
  int rows = query_block(s);
  return way == AttentionWay::TILES ? std::max(32, rows / 32 * 32) : rows;
}

// Floats that a packed column of n elements takes: bf16 is packed in words of two elements, for AMX in whole tiles of 16 words.
constexpr int64_t packed_depth(AttentionWay way, int64_t n) {
  int64_t words = (n + 1) / 2;
  return way == AttentionWay::VECTORS ? n : way == AttentionWay::PAIRS ? words : (words + 15) / 16 * 16;
}

// Hands out parts of one thread's scratch in whole cache lines. Without an address it only counts.
struct Arena {
  float* begin = nullptr;
  int64_t used = 0;
  float* take(int64_t floats) {
    float* part = begin ? begin + used : nullptr;
    used += (floats + 15) / 16 * 16;
    return part;
  }
};

// Forward: a head's keys and values, packed, and a block of queries with its scores and results.
struct ForwardScratch {
  float *keys, *values, *queries, *scores, *sums;
  ForwardScratch(Arena& arena, const AttentionShape& s, AttentionWay way) {
    int64_t rows = query_block(s, way), wide = padded(s.width);
    keys = arena.take(padded(s.keys) * packed_depth(way, s.width));
    values = arena.take(packed_depth(way, s.keys) * wide);
    queries = arena.take(way == AttentionWay::VECTORS ? rows * s.width : 0);  // bf16 is read in place
    scores = arena.take(rows * padded(s.keys));
    sums = arena.take(rows * wide);
  }
};

// Backward: a head's keys and values, packed as columns, its keys packed as rows, and the sums of its gradients; a block of queries and
// output gradients, as rows and packed, with their sums; a block of probabilities and of the scores' gradients, and for bf16 the same in
// words of two queries.
struct BackwardScratch {
  float *keys, *values, *key_rows, *dk, *dv;
  float *q, *dy, *q_packed, *dy_packed, *unpacked, *dq;
  float *p, *ds, *p_words, *ds_words;
  BackwardScratch(Arena& arena, const AttentionShape& s, AttentionWay way) {
    bool vectors = way == AttentionWay::VECTORS;
    int64_t all_keys = padded(s.keys), wide = padded(s.width), depth = packed_depth(way, BACKWARD_QUERIES);
    for (float** columns : {&keys, &values}) *columns = arena.take(all_keys * packed_depth(way, s.width));
    key_rows = arena.take(packed_depth(way, s.keys) * wide);
    for (float** sums : {&dk, &dv}) *sums = arena.take(all_keys * wide);
    for (float** rows : {&q, &dy}) *rows = arena.take(vectors ? BACKWARD_QUERIES * s.width : 0);  // bf16 is read in place
    for (float** packed : {&q_packed, &dy_packed}) *packed = arena.take(depth * wide);
    unpacked = arena.take(way == AttentionWay::TILES ? depth * wide : 0);  // before it is transposed
    dq = arena.take(BACKWARD_QUERIES * wide);
    for (float** scores : {&p, &ds}) *scores = arena.take(BACKWARD_QUERIES * BACKWARD_KEYS);
    p_words = vectors ? p : arena.take(depth * BACKWARD_KEYS);
    ds_words = vectors ? ds : arena.take(depth * BACKWARD_KEYS);
  }
};

// Floats of scratch that one thread needs.
template <typename Scratch>
int64_t thread_scratch(const AttentionShape& s, AttentionWay way) {
  Arena arena;
  Scratch(arena, s, way);
  return arena.used;
}

}  // namespace

namespace cpu {

// Enough for each implementation, so that it does not depend on the machine.
template <typename Scratch>
int64_t attention_scratch_bytes(const AttentionShape& s) {
  int64_t floats = 0;
  for (AttentionWay way : {AttentionWay::TILES, AttentionWay::PAIRS, AttentionWay::VECTORS})
    floats = std::max(floats, thread_scratch<Scratch>(s, way));
  return s.threads * floats * int64_t{sizeof(float)};
}
inline int64_t scratch_bytes(const Backend::Attention& a) { return attention_scratch_bytes<ForwardScratch>(a); }
inline int64_t scratch_bytes(const Backend::AttentionBackward& a) { return attention_scratch_bytes<BackwardScratch>(a.forward); }

}  // namespace cpu

}  // namespace fizzy
