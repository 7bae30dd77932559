// PReLU (He et al. 2015): y = x where x > 0, else slope x, the slope learned, one a channel; x [R,C].
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/level.h"

namespace fizzy {
// Rows are cut into chunks of about 128 KiB of f32, which depend on the shape alone; each gives a partial sum a channel.
inline int64_t prelu_chunk_rows(int c) { return std::max(8, (1 << 15) / c); }
inline int64_t prelu_chunks(int64_t rows, int c) { return (rows + prelu_chunk_rows(c) - 1) / prelu_chunk_rows(c); }

FIZZY_KERNEL(prelu, int type, const void* x, const float* slope, void* y, int64_t rows, int c)
FIZZY_KERNEL(prelu_backward, int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c,
             void* scratch)
}  // namespace fizzy
