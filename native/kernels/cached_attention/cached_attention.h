// A step of an auto-regressive network: the new token's keys and values go to their row of the cache, and its query attends to the rows up to
// it. As row `position` of a causal attention (kernels/attention), without computing the rows before it again.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

constexpr int CACHED_TOKENS_MAX = 4096;  // the scores of one query stay in the level-1 cache, and in a GPU block's shared memory

inline void validate(const Backend::CachedAttention& o) {
  check_type("cached_attention", o.type);
  check(o.batch >= 1 && o.heads >= 1 && o.width >= 8 && o.width % 8 == 0 && o.tokens >= 1 && o.tokens <= CACHED_TOKENS_MAX,
        "cached_attention: batch ", o.batch, ", tokens ", o.tokens, ", heads ", o.heads, ", width ", o.width, "; tokens are 1 to ",
        CACHED_TOKENS_MAX, ", the others at least 1, and the width is a multiple of 8");
}

inline void validate_data(const Backend::CachedAttention& o) {
  check(*o.position >= 0 && *o.position < o.tokens, "cached_attention: position ", *o.position, " of ", o.tokens, " tokens");
}

template <typename Mark>
void outputs(const Backend::CachedAttention& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.batch} * o.heads * o.width);
}

}  // namespace fizzy
