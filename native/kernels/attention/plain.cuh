// Attention without tensor cores: f32, and head widths other than 32 and 64. A warp owns a few rows; its lanes take the items of a tile for
// the scores, and the columns of the width for the sums.
#pragma once
#include "kernels/attention/tiles.cuh"

namespace fizzy::cuda {
namespace {

// For widths up to WORDS*32. Narrow heads: 32 items per tile, one lane per item, four rows per warp, so that each element read from shared
// memory is used in four products. Wide heads (the autoencoder's single head of 512): 8 items per tile, four lanes per item, two rows per
// warp, to stay below 99 KiB of shared memory.
template <int WORDS>
struct PlainTile {
  static constexpr int ITEMS = WORDS <= 2 ? 32 : 8, ROWS = WORDS <= 2 ? 4 : 2, SHARE = 32 / ITEMS, WARPS = 4, BLOCK_ROWS = WARPS * ROWS;
  static size_t shared(int width, int sides) { return sizeof(float) * (sides * BLOCK_ROWS * width + 2 * ITEMS * (width + 1) + 2 * ITEMS); }
};

// Loads rows first .. first+count-1 as floats, `spacing` apart; zeros past the end.
template <typename T>
__device__ __forceinline__ void read_rows(float* shared, int spacing, const Rows<const T>& from, int b, int h, int first, int count, int width) {
  for (int i = threadIdx.x; i < count * width; i += blockDim.x) {
    int row = i / width, d = i % width;
    shared[row * spacing + d] = first + row < from.rows ? widen(from.at(b, h, width, first + row)[d]) : 0.f;
  }
}

// The products of this lane's item with each row; every lane of the item gets the full sums.
template <int WORDS>
__device__ __forceinline__ void item_products(float (&sum)[PlainTile<WORDS>::ROWS], const float* rows, const float* item, int width) {
  using P = PlainTile<WORDS>;
#pragma unroll
  for (int r = 0; r < P::ROWS; r++) sum[r] = 0;
  for (int d = threadIdx.x % P::SHARE; d < width; d += P::SHARE) {
    float v = item[d];
#pragma unroll
    for (int r = 0; r < P::ROWS; r++) sum[r] = fmaf(rows[r * width + d], v, sum[r]);
  }
#pragma unroll
  for (int bits = P::SHARE / 2; bits > 0; bits /= 2)
#pragma unroll
    for (int r = 0; r < P::ROWS; r++) sum[r] += __shfl_xor_sync(WARP, sum[r], bits);
}

// sum[r] += the sum over items of weight[r] of the item times the item's elements lane, lane+32, ...
template <int WORDS>
__device__ __forceinline__ void add_items(float (&sum)[PlainTile<WORDS>::ROWS][WORDS], const float (&weight)[PlainTile<WORDS>::ROWS],
                                          const float* items, int width) {
  using P = PlainTile<WORDS>;
  int lane = threadIdx.x % 32;
  for (int j = 0; j < P::ITEMS; j++) {
    float w[P::ROWS];
#pragma unroll
    for (int r = 0; r < P::ROWS; r++) w[r] = __shfl_sync(WARP, weight[r], j * P::SHARE);
#pragma unroll
    for (int i = 0; i < WORDS; i++) {
      if (lane + 32 * i >= width) continue;
      float v = items[j * (width + 1) + lane + 32 * i];
#pragma unroll
      for (int r = 0; r < P::ROWS; r++) sum[r][i] = fmaf(w[r], v, sum[r][i]);
    }
  }
}

template <int WORDS, typename T>
__device__ __forceinline__ void put_rows(const float (&sum)[PlainTile<WORDS>::ROWS][WORDS], const float (&factor)[PlainTile<WORDS>::ROWS],
                                         const Rows<T>& to, int b, int h, int first, int width) {
  int lane = threadIdx.x % 32;
#pragma unroll
  for (int r = 0; r < PlainTile<WORDS>::ROWS; r++)
#pragma unroll
    for (int i = 0; i < WORDS; i++)
      if (first + r < to.rows && lane + 32 * i < width) to.at(b, h, width, first + r)[lane + 32 * i] = narrow<T>(sum[r][i] * factor[r]);
}

template <typename T, int WORDS>
__global__ void __launch_bounds__(128)
    plain_attention_kernel(Rows<const T> q, Rows<const T> k, Rows<const T> v, Rows<T> y, float* lse, AttentionSize s) {
  using P = PlainTile<WORDS>;
  int b = blockIdx.z, h = blockIdx.y, first = blockIdx.x * P::BLOCK_ROWS, warp = threadIdx.x / 32, lane = threadIdx.x % 32,
      item = lane / P::SHARE;
  float* own = reinterpret_cast<float*>(shared_memory());
  float *keys = own + P::BLOCK_ROWS * s.width, *values = keys + P::ITEMS * (s.width + 1);
  read_rows(own, s.width, q, b, h, first, P::BLOCK_ROWS, s.width);
  float out[P::ROWS][WORDS] = {}, largest[P::ROWS], total[P::ROWS] = {}, p[P::ROWS];
#pragma unroll
  for (int r = 0; r < P::ROWS; r++) largest[r] = -1e30f;
  int row = first + warp * P::ROWS, last = keys_of(s, first + P::BLOCK_ROWS - 1);
  for (int tile = 0; tile < last; tile += P::ITEMS) {
    __syncthreads();
    read_rows(keys, s.width + 1, k, b, h, tile, P::ITEMS, s.width);
    read_rows(values, s.width + 1, v, b, h, tile, P::ITEMS, s.width);
    __syncthreads();
    item_products<WORDS>(p, own + warp * P::ROWS * s.width, keys + item * (s.width + 1), s.width);
#pragma unroll
    for (int r = 0; r < P::ROWS; r++) {
      float score = tile + item < keys_of(s, row + r) ? p[r] * (s.scale * LOG2_E) : -INFINITY, top = fmaxf(largest[r], warp_max(score));
      float shrink = exp2f(largest[r] - top);
      p[r] = exp2f(score - top);
      largest[r] = top;
      total[r] = fmaf(total[r], shrink, p[r]);
#pragma unroll
      for (int i = 0; i < WORDS; i++) out[r][i] *= shrink;
    }
    add_items<WORDS>(out, p, values, s.width);
  }
#pragma unroll
  for (int r = 0; r < P::ROWS; r++) {
    total[r] = warp_sum(total[r]) * (1.f / P::SHARE);  // each item was counted by all its lanes
    if (lane == 0 && row + r < s.queries) lse[(int64_t{b} * s.heads + h) * s.queries + row + r] = (largest[r] + log2f(total[r])) * LN_2;
    total[r] = 1 / total[r];
  }
  put_rows<WORDS>(out, total, y, b, h, row, s.width);
}

// As attention_backward_kernel: with KEYS, keys stay in the block and queries stream; otherwise the reverse.
template <typename T>
struct PlainSide {
  Rows<const T> still_first, still_second, stream_first, stream_second;
  Rows<T> first, second;
};

template <bool KEYS, typename T, int WORDS>
__global__ void __launch_bounds__(128)
    plain_attention_backward_kernel(PlainSide<T> side, const float* lse, const float* delta, AttentionSize s) {
  using P = PlainTile<WORDS>;
  int b = blockIdx.z, h = blockIdx.y, first = blockIdx.x * P::BLOCK_ROWS, warp = threadIdx.x / 32, lane = threadIdx.x % 32,
      item = lane / P::SHARE;
  float* own = reinterpret_cast<float*>(shared_memory());
  float* own_second = own + P::BLOCK_ROWS * s.width;
  float *items = own_second + P::BLOCK_ROWS * s.width, *items_second = items + P::ITEMS * (s.width + 1);
  int64_t queries = (int64_t{b} * s.heads + h) * s.queries;
  int row = first + warp * P::ROWS, streaming = KEYS ? s.queries : s.keys;
  read_rows(own, s.width, side.still_first, b, h, first, P::BLOCK_ROWS, s.width);
  read_rows(own_second, s.width, side.still_second, b, h, first, P::BLOCK_ROWS, s.width);
  float gradient[P::ROWS][WORDS] = {}, gradient_second[P::ROWS][WORDS] = {}, p[P::ROWS], ds[P::ROWS], low[P::ROWS] = {}, mean[P::ROWS] = {};
  if (!KEYS)
#pragma unroll
    for (int r = 0; r < P::ROWS; r++)
      if (row + r < s.queries) low[r] = lse[queries + row + r], mean[r] = delta[queries + row + r];
  int begin = KEYS && s.causal ? first / P::ITEMS * P::ITEMS : 0, end = KEYS ? s.queries : keys_of(s, first + P::BLOCK_ROWS - 1);
  for (int tile = begin; tile < end; tile += P::ITEMS) {
    __syncthreads();
    read_rows(items, s.width + 1, side.stream_first, b, h, tile, P::ITEMS, s.width);
    read_rows(items_second, s.width + 1, side.stream_second, b, h, tile, P::ITEMS, s.width);
    __syncthreads();
    item_products<WORDS>(p, own + warp * P::ROWS * s.width, items + item * (s.width + 1), s.width);
    item_products<WORDS>(ds, own_second + warp * P::ROWS * s.width, items_second + item * (s.width + 1), s.width);
    bool there = tile + item < streaming;
    if (KEYS) {
      low[0] = there ? lse[queries + tile + item] : 0;
      mean[0] = there ? delta[queries + tile + item] : 0;
    }
#pragma unroll
    for (int r = 0; r < P::ROWS; r++) {
      bool attends = there && (!s.causal || (KEYS ? row + r <= tile + item : tile + item <= row + r));
      p[r] = attends ? exp2f((p[r] * s.scale - low[KEYS ? 0 : r]) * LOG2_E) : 0;
      ds[r] = p[r] * (ds[r] - mean[KEYS ? 0 : r]);
    }
    add_items<WORDS>(gradient, ds, items, s.width);
    if constexpr (KEYS) add_items<WORDS>(gradient_second, p, items_second, s.width);
  }
#pragma unroll
  for (int r = 0; r < P::ROWS; r++) low[r] = s.scale, mean[r] = 1;
  put_rows<WORDS>(gradient, low, side.first, b, h, row, s.width);
  if constexpr (KEYS) put_rows<WORDS>(gradient_second, mean, side.second, b, h, row, s.width);
}

}  // namespace
}  // namespace fizzy::cuda
