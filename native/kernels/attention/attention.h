// Scaled dot-product attention, y = softmax(q k^T / sqrt(D)) v in each head (Vaswani et al. 2017), and its gradients from
// the kept log-sum-exp (Dao 2023, FlashAttention-2). Causal: row i of the scores has the keys 0 to i alone.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"
#include "kernels/attention/blocking.h"

namespace fizzy {

// Addresses of the rows of queries, keys and values: row i of image b and head h begins at base + (b*rows + i)*stride + h*D.
template <typename T>
struct AttentionRows {
  T *q, *k, *v;
  int64_t q_stride, kv_stride;
  // For self-attention kv is null and q holds queries, keys and values side by side.
  AttentionRows(T* q_in, T* kv, const AttentionShape& s) : q(q_in) {
    int64_t c = int64_t{s.heads} * s.width;
    q_stride = kv ? c : 3 * c;
    kv_stride = kv ? 2 * c : 3 * c;
    k = kv ? kv : q + c;
    v = k + c;
  }
};

inline void validate_attention(const char* name, const Backend::Attention& a) {
  check_type(name, a.type);
  check(a.batch >= 1 && a.queries >= 1 && a.keys >= 1 && a.heads >= 1 && a.width >= 8 && a.width % 8 == 0, name, ": batch ", a.batch,
        ", queries ", a.queries, ", keys ", a.keys, ", heads ", a.heads, ", width ", a.width,
        "; all are at least 1 and the width is a multiple of 8");
  check((a.kv != nullptr && !a.causal) || a.queries == a.keys, name, ": ", a.queries, " queries and ", a.keys,
        " keys, which must be equal without kv, and with causal");
}
inline void validate(const Backend::Attention& o) { validate_attention("attention", o); }
inline void validate(const Backend::AttentionBackward& o) {
  validate_attention("attention_backward", o.forward);
  check((o.forward.kv == nullptr) == (o.dkv == nullptr), "attention_backward: kv and dkv must be both given or both null");
}

template <typename Mark>
void outputs(const Backend::Attention& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.batch} * o.queries * o.heads * o.width);
  mark(o.lse, int64_t{o.batch} * o.queries * o.heads);
}
template <typename Mark>
void outputs(const Backend::AttentionBackward& o, Mark mark) {
  const Backend::Attention& a = o.forward;
  mark(o.dq, a.type, int64_t{a.batch} * a.queries * a.heads * a.width * (a.kv ? 1 : 3));
  mark(o.dkv, a.type, int64_t{a.batch} * a.keys * a.heads * a.width * 2);
}

namespace cpu {

AttentionWay attention_way(const Backend::Attention& a);

std::string implementation(const Backend::Attention& a);
std::string implementation(const Backend::AttentionBackward& a);

}  // namespace cpu

}  // namespace fizzy
