// Attention and its gradients (attention.h). bf16 with heads of 32 or 64 goes to the tensor cores, the rest does not.
// Floor of the former: 4 T S C FLOPs forward, 14 backward, or its operands over bandwidth: at 256 tokens the products, at 32 keys the bytes.
#include "kernels/attention/plain.cuh"
#include "kernels/attention/tensor.cuh"

namespace fizzy::cuda {
namespace {

constexpr int WIDTH_MAX = 512;

AttentionSize attention_size(const char* name, int type, const void* kv, int batch, int queries, int keys, int heads, int width) {
  check_type(name, type);
  check(batch >= 1 && queries >= 1 && keys >= 1 && heads >= 1 && width >= 8 && width % 8 == 0 && width <= WIDTH_MAX && batch <= 65535 &&
            heads <= 65535,
        name, ": batch ", batch, ", queries ", queries, ", keys ", keys, ", heads ", heads, ", width ", width,
        "; all are at least 1, and the width is a multiple of 8, at most ", WIDTH_MAX);
  check(kv != nullptr || queries == keys, name, ": ", queries, " queries and ", keys, " keys without keys of their own");
  return {batch, queries, keys, heads, width, static_cast<float>(1 / std::sqrt(static_cast<double>(width)))};
}

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

// body(integral constant of WARPS)
template <typename Body>
void by_warps(int rows, Body body) {
  if (rows <= FEW_ROWS) body(std::integral_constant<int, 1>{});
  else body(std::integral_constant<int, WARPS_MANY>{});
}

// body(integral constant of the 32-element words of the width)
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

int64_t attention_scratch(int, int, int, int, int) { return 0; }
int64_t attention_backward_scratch(int batch, int queries, int, int heads, int) {
  return int64_t{batch} * queries * heads * int64_t{sizeof(float)};
}

void attention(int type, const void* q, const void* kv, void* y, float* lse, int batch, int queries, int keys, int heads, int width, void*,
               void* stream) {
  Range range("attention");
  AttentionSize s = attention_size("attention", type, kv, batch, queries, keys, heads, width);
  check_aligned("attention", q, kv, y);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    AttentionOperands<const T> in(static_cast<const T*>(q), static_cast<const T*>(kv), s);
    Rows<T> out{static_cast<T*>(y), int64_t{heads} * width, queries};
    if constexpr (sizeof(T) == 2) {
      if (width == 32) return tensor<32>(in, out, lse, s, stream);
      if (width == 64) return tensor<64>(in, out, lse, s, stream);
    }
    plain<T>(in, out, lse, s, stream);
  });
}

void attention_backward(int type, const void* q, const void* kv, const void* y, const float* lse, const void* dy, void* dq, void* dkv, int batch,
                        int queries, int keys, int heads, int width, void* scratch, void* stream) {
  Range range("attention_backward");
  AttentionSize s = attention_size("attention_backward", type, kv, batch, queries, keys, heads, width);
  check((kv == nullptr) == (dkv == nullptr), "attention_backward: keys and their gradient come together or not at all");
  check_aligned("attention_backward", q, kv, y, dy, dq, dkv, scratch);
  auto delta = static_cast<float*>(scratch);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    AttentionOperands<const T> in(static_cast<const T*>(q), static_cast<const T*>(kv), s);
    AttentionOperands<T> out(static_cast<T*>(dq), static_cast<T*>(dkv), s);
    Rows<const T> up{static_cast<const T*>(dy), int64_t{heads} * width, queries};
    pointwise<1>("attention_backward", DeltaRows<T>{static_cast<const T*>(y), up.base, delta, queries, heads, width},
                 int64_t{batch} * queries * heads, stream);
    PlainSide<T> still_keys{in.k, in.v, in.q, up, out.k, out.v}, still_queries{in.q, up, in.k, in.v, out.q, out.q};
    if constexpr (sizeof(T) == 2) {
      if (width == 32 || width == 64) {
        if (width == 32)
          tensor_backward<true, 32>(still_keys, lse, delta, s, stream), tensor_backward<false, 32>(still_queries, lse, delta, s, stream);
        else tensor_backward<true, 64>(still_keys, lse, delta, s, stream), tensor_backward<false, 64>(still_queries, lse, delta, s, stream);
        return;
      }
    }
    plain_backward<T>(still_keys, still_queries, lse, delta, s, stream);
  });
}

}  // namespace fizzy::cuda
