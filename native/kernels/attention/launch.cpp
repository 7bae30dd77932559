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

int64_t attention_slot(const AttentionShape& s) {
  int64_t block = query_block(s);
  return lines(padded(s.keys) * s.width) + lines(s.keys * padded(s.width)) + lines(block * s.width) + lines(block * padded(s.keys)) +
         lines(block * padded(s.width));
}

int64_t attention_backward_slot(const AttentionShape& s) {
  return 2 * lines(padded(s.keys) * s.width) + 3 * lines(s.keys * padded(s.width)) + 2 * lines(int64_t{BACKWARD_QUERIES} * s.width) +
         3 * lines(BACKWARD_QUERIES * padded(s.width)) + 2 * lines(int64_t{BACKWARD_QUERIES} * BACKWARD_KEYS);
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
