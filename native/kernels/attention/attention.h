// Scaled dot-product attention, y = softmax(q k^T / sqrt(D)) v in each head (Vaswani et al. 2017), and its gradients from
// the kept log-sum-exp (Dao 2023, FlashAttention-2).
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {

struct AttentionShape {
  int batch, queries, keys, heads, width;  // B, T, S, H, D
};

// Where the rows of queries, keys and values lie: row i of image b and head h begins at base + (b*rows + i)*stride + h*D.
template <typename T>
struct AttentionRows {
  T *q, *k, *v;
  int64_t q_stride, kv_stride;
  // kv is null for self-attention: q then holds all three, side by side.
  AttentionRows(T* q_in, T* kv, const AttentionShape& s) : q(q_in) {
    int64_t c = int64_t{s.heads} * s.width;
    q_stride = kv ? c : 3 * c;
    kv_stride = kv ? 2 * c : 3 * c;
    k = kv ? kv : q + c;
    v = k + c;
  }
};

FIZZY_KERNEL(attention, int type, const void* q, const void* kv, void* y, float* lse, AttentionShape shape, float* scratch, int slots)
FIZZY_KERNEL(attention_backward, int type, const void* q, const void* kv, const void* y, const float* lse, const void* dy, void* dq, void* dkv,
             AttentionShape shape, float* scratch, int slots)

// Floats of scratch that one thread needs, at any level.
int64_t attention_slot(const AttentionShape& shape);
int64_t attention_backward_slot(const AttentionShape& shape);

}  // namespace fizzy
