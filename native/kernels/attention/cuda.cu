// Attention and its gradients (attention.h). Tensor cores compute bf16 with heads of width 32 or 64, fused multiply-adds everything else.
// Floor on tensor cores: 4 T S C FLOPs forward and 14 backward over the peak, or operands over bandwidth: compute-bound at 256 tokens,
// memory-bound at 32 keys.
#include "common/choice.h"
#include "kernels/attention/attention.h"
#include "kernels/attention/plain.cuh"
#include "kernels/attention/tensor.cuh"

namespace fizzy::cuda {
namespace {

constexpr int WIDTH_MAX = 512;

AttentionSize attention_size(const char* name, const Backend::Attention& a) {
  check(a.width <= WIDTH_MAX && a.batch <= 65535 && a.heads <= 65535, name, ": batch ", a.batch, ", heads ", a.heads, ", width ", a.width,
        "; on a GPU the width is at most ", WIDTH_MAX, ", the others at most 65535");
  return {a.batch, a.queries, a.keys, a.heads, a.width, static_cast<float>(1 / std::sqrt(static_cast<double>(a.width))), a.causal};
}

const char* no_tensor_cores(const Backend::Attention& a) {
  if (a.type != 1) return "f32";
  return a.width == 32 || a.width == 64 ? nullptr : "the head width is neither 32 nor 64";
}

const Implementation<Backend::Attention> WAYS[] = {{"tensor cores", no_tensor_cores}, {"fused multiply-add", nullptr}};

// delta = sum over the width of dy y, [B,H,T]: the mean of dP under the softmax.
template <typename T>
struct DeltaRows {
  const T *y, *dy;
  float* delta;
  int queries, heads, width;
  template <int>
  __device__ void at(int64_t i) const {
    constexpr int W = VECTOR<T>;
    float sum = 0;
    for (int d = 0; d < width; d += W) {
      Floats<W> a = load<W>(y + i * width + d), b = load<W>(dy + i * width + d);
#pragma unroll
      for (int k = 0; k < W; k++) sum = fmaf(a[k], b[k], sum);
    }
    int64_t row = i / heads, image = row / queries;
    delta[(image * heads + i % heads) * queries + row % queries] = sum;
  }
};

dim3 row_blocks(const AttentionSize& s, int rows, int of_a_block) {
  return dim3(blocks(rows, of_a_block), static_cast<unsigned>(s.heads), static_cast<unsigned>(s.batch));
}

// Calls body with WARPS as an integral constant.
template <typename Body>
void by_warps(int rows, Body body) {
  if (rows <= FEW_ROWS) body(std::integral_constant<int, 1>{});
  else body(std::integral_constant<int, WARPS_MANY>{});
}

// Calls body with the number of 32-element words of the width as an integral constant.
template <typename Body>
void by_words(int width, Body body) {
  if (width <= 32) body(std::integral_constant<int, 1>{});
  else if (width <= 64) body(std::integral_constant<int, 2>{});
  else body(std::integral_constant<int, 16>{});
}

template <typename T>
void plain(const AttentionOperands<const T>& in, const Rows<T>& y, float* lse, const AttentionSize& s, void* stream) {
  by_words(s.width, [&](auto words) {
    constexpr int WORDS = decltype(words)::value;
    using P = PlainTile<WORDS>;
    launch("attention", plain_attention_kernel<T, WORDS>, row_blocks(s, s.queries, P::BLOCK_ROWS), P::WARPS * 32, P::shared(s.width, 1), stream,
           in.q, in.k, in.v, y, lse, s);
  });
}

template <typename T>
void plain_backward(const PlainSide<T>& keys, const PlainSide<T>& queries, const float* lse, const float* delta, const AttentionSize& s,
                    void* stream) {
  by_words(s.width, [&](auto words) {
    constexpr int WORDS = decltype(words)::value;
    using P = PlainTile<WORDS>;
    size_t shared = P::shared(s.width, 2);
    launch("attention_backward", plain_attention_backward_kernel<true, T, WORDS>, row_blocks(s, s.keys, P::BLOCK_ROWS), P::WARPS * 32, shared,
           stream, keys, lse, delta, s);
    launch("attention_backward", plain_attention_backward_kernel<false, T, WORDS>, row_blocks(s, s.queries, P::BLOCK_ROWS), P::WARPS * 32,
           shared, stream, queries, lse, delta, s);
  });
}

template <int D>
void tensor(const AttentionOperands<const bf16>& in, const Rows<bf16>& y, float* lse, const AttentionSize& s, void* stream) {
  by_warps(s.queries, [&](auto warps) {
    constexpr int WARPS = decltype(warps)::value;
    auto run = [&](auto tile) {
      constexpr int TILE = decltype(tile)::value;
      launch("attention", attention_kernel<D, WARPS, TILE>, row_blocks(s, s.queries, WARPS * ROWS_OF_WARP), WARPS * 32,
             forward_shared<D, WARPS, TILE>(), stream, in.q, in.k, in.v, y, lse, s);
    };
    if (s.keys <= FORWARD_TILE_SMALL) run(std::integral_constant<int, FORWARD_TILE_SMALL>{});
    else run(std::integral_constant<int, FORWARD_TILE>{});
  });
}

template <bool KEYS, int D>
void tensor_backward(const PlainSide<bf16>& p, const float* lse, const float* delta, const AttentionSize& s, void* stream) {
  int rows = KEYS ? s.keys : s.queries;
  BackwardSide side{p.still_first, p.still_second, p.stream_first, p.stream_second, p.first, p.second};
  by_warps(rows, [&](auto warps) {
    constexpr int WARPS = decltype(warps)::value;
    launch("attention_backward", attention_backward_kernel<KEYS, D, WARPS>, row_blocks(s, rows, WARPS * ROWS_OF_WARP), WARPS * 32,
           backward_shared<D, WARPS>(), stream, side, lse, delta, s);
  });
}

}  // namespace

int64_t scratch_bytes(const Backend::Attention&) { return 0; }
int64_t scratch_bytes(const Backend::AttentionBackward& o) {
  return int64_t{o.forward.batch} * o.forward.queries * o.forward.heads * int64_t{sizeof(float)};
}

std::string implementation(const Backend::Attention& o) { return describe(WAYS, o); }
std::string implementation(const Backend::AttentionBackward& o) { return describe(WAYS, o.forward); }

void attention(const Backend::Attention& o, void* stream) {
  AttentionSize s = attention_size("attention", o);
  check_aligned("attention", o.q, o.kv, o.y);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    AttentionOperands<const T> in(static_cast<const T*>(o.q), static_cast<const T*>(o.kv), s);
    Rows<T> out{static_cast<T*>(o.y), int64_t{o.heads} * o.width, o.queries};
    if constexpr (sizeof(T) == 2)
      if (choose(WAYS, o) == 0) return o.width == 32 ? tensor<32>(in, out, o.lse, s, stream) : tensor<64>(in, out, o.lse, s, stream);
    plain<T>(in, out, o.lse, s, stream);
  });
}

void attention_backward(const Backend::AttentionBackward& o, void* stream) {
  const Backend::Attention& a = o.forward;
  AttentionSize s = attention_size("attention_backward", a);
  check_aligned("attention_backward", a.q, a.kv, a.y, o.dy, o.dq, o.dkv, a.scratch);
  auto delta = static_cast<float*>(a.scratch);
  by_type(a.type, [&](auto t) {
    using T = decltype(t);
    AttentionOperands<const T> in(static_cast<const T*>(a.q), static_cast<const T*>(a.kv), s);
    AttentionOperands<T> out(static_cast<T*>(o.dq), static_cast<T*>(o.dkv), s);
    Rows<const T> up{static_cast<const T*>(o.dy), int64_t{a.heads} * a.width, a.queries};
    pointwise<1>("attention_backward", DeltaRows<T>{static_cast<const T*>(a.y), up.base, delta, a.queries, a.heads, a.width},
                 int64_t{a.batch} * a.queries * a.heads, stream);
    PlainSide<T> still_keys{in.k, in.v, in.q, up, out.k, out.v}, still_queries{in.q, up, in.k, in.v, out.q, out.q};
    if constexpr (sizeof(T) == 2)
      if (choose(WAYS, a) == 0) {
        if (a.width == 32)
          tensor_backward<true, 32>(still_keys, a.lse, delta, s, stream), tensor_backward<false, 32>(still_queries, a.lse, delta, s, stream);
        else tensor_backward<true, 64>(still_keys, a.lse, delta, s, stream), tensor_backward<false, 64>(still_queries, a.lse, delta, s, stream);
        return;
      }
    plain_backward<T>(still_keys, still_queries, a.lse, delta, s, stream);
  });
}

}  // namespace fizzy::cuda
