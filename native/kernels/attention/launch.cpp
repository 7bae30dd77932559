#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/attention/attention.h"
#include "kernels/attention/blocking.h"

namespace fizzy {
namespace {

constexpr int64_t LINE = 16;  // floats of a cache line: what each buffer of a slot is rounded up to

int64_t lines(int64_t floats) { return (floats + LINE - 1) / LINE * LINE; }

AttentionShape checked(const char* name, int type, int batch, int queries, int keys, int heads, int width) {
  check(type == 0 || type == 1, name, ": type ", type);
  check(batch >= 1 && queries >= 1 && keys >= 1 && heads >= 1 && width >= 8 && width % 8 == 0, name, ": batch ", batch, ", queries ", queries,
        ", keys ", keys, ", heads ", heads, ", width ", width, "; all are at least 1 and the width is a multiple of 8");
  return {batch, queries, keys, heads, width};
}

void check_self(const char* name, const void* kv, const AttentionShape& s) {
  check(kv != nullptr || s.queries == s.keys, name, ": ", s.queries, " queries and ", s.keys, " keys without keys of their own");
}

}  // namespace

// What tile.h takes, and where that is more, amx.h; pairs.h takes less than either.
int64_t attention_slot(const AttentionShape& s) {
  int64_t block = query_block(s), tile_block = tile_query_block(s), keys = padded(s.keys), wide = padded(s.width);
  int64_t vectors = lines(keys * s.width) + lines(s.keys * wide) + lines(block * s.width) + lines(block * keys) + lines(block * wide);
  int64_t tiles = 2 * lines(keys * wide / 2) + lines(tile_block * keys) + lines(tile_block * wide);
  return std::max(vectors, tiles);
}

int64_t attention_backward_slot(const AttentionShape& s) {
  constexpr int64_t QUERIES = BACKWARD_QUERIES, KEYS = BACKWARD_KEYS;
  int64_t keys = padded(s.keys), wide = padded(s.width);
  int64_t vectors = 2 * lines(keys * s.width) + 3 * lines(s.keys * wide) + 2 * lines(QUERIES * s.width) + 3 * lines(QUERIES * wide) +
                    2 * lines(QUERIES * KEYS);
  int64_t tiles = 3 * lines(keys * wide / 2) + 2 * lines(keys * wide) + lines(QUERIES / 2 * wide) + 2 * lines(wide * PANEL_MAX) +
                  lines(QUERIES * wide) + 2 * lines(QUERIES * KEYS) + 2 * lines(TILE_QUERY_WORDS * KEYS);
  return std::max(vectors, tiles);
}

int64_t attention_scratch(int queries, int keys, int heads, int width, int slots) {
  return 4 * slots * attention_slot(checked("attention", 0, 1, queries, keys, heads, width));
}

int64_t attention_backward_scratch(int queries, int keys, int heads, int width, int slots) {
  return 4 * slots * attention_backward_slot(checked("attention_backward", 0, 1, queries, keys, heads, width));
}

void attention(int type, const void* q, const void* kv, void* y, float* lse, int batch, int queries, int keys, int heads, int width,
               void* scratch, int slots) {
  AttentionShape shape = checked("attention", type, batch, queries, keys, heads, width);
  check_self("attention", kv, shape);
  FIZZY_SELECT(attention)(type, q, kv, y, lse, shape, static_cast<float*>(scratch), slots);
}

void attention_backward(int type, const void* q, const void* kv, const void* y, const float* lse, const void* dy, void* dq, void* dkv, int batch,
                        int queries, int keys, int heads, int width, void* scratch, int slots) {
  AttentionShape shape = checked("attention_backward", type, batch, queries, keys, heads, width);
  check_self("attention_backward", kv, shape);
  check((kv == nullptr) == (dkv == nullptr), "attention_backward: keys and their gradient come together");
  FIZZY_SELECT(attention_backward)(type, q, kv, y, lse, dy, dq, dkv, shape, static_cast<float*>(scratch), slots);
}

}  // namespace fizzy
