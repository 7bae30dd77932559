// Attention on tensor cores, bf16 with f32 sums: FlashAttention-2 (Dao 2023). Scores stay in registers: the accumulators of one product are
// packed into the left operand of the next. Backward runs twice, once for keys and values and once for queries, so that no sum needs an
// atomic and every run gives the same bits; it costs seven products instead of five.
#pragma once
#include "kernels/attention/tiles.cuh"

namespace fizzy::cuda {
namespace {

template <int D>
using Fragment = unsigned[D / 16][4];  // a warp's 16 rows of width D, as the left operand

// Starts copying COUNT rows, beginning with row `first`; rows past the end become zeros.
template <int COUNT, int D>
__device__ __forceinline__ void copy_rows(bf16* shared, const Rows<const bf16>& from, int b, int h, int first, int threads) {
  constexpr int PIECES = D / 8;  // of 16 bytes, per row
  for (int i = threadIdx.x; i < COUNT * PIECES; i += threads) {
    int row = i / PIECES, piece = i % PIECES * 8, source = first + row;
    bool present = source < from.rows;
    copy_async(shared + row * PITCH<D> + piece, from.at(b, h, D, present ? source : 0) + piece, present);
  }
}

// Loads the warp's 16 rows from shared memory as the left operand.
template <int D>
__device__ __forceinline__ void left_operand(Fragment<D>& a, const bf16* rows) {
  int lane = threadIdx.x % 32;
  const bf16* mine = rows + lane % 16 * PITCH<D> + lane / 16 * 8;
#pragma unroll
  for (int k = 0; k < D / 16; k++) load_matrices<false>(a[k], mine + 16 * k);
}

// c[n] += A B^T for the COLUMNS rows of B in shared memory, eight rows per product.
template <int COLUMNS, int D>
__device__ __forceinline__ void multiply_transposed(float (&c)[COLUMNS / 8][4], const Fragment<D>& a, const bf16* b) {
  int lane = threadIdx.x % 32;
  const bf16* mine = b + lane % 8 * PITCH<D> + lane / 8 * 8;
#pragma unroll
  for (int n = 0; n < COLUMNS / 8; n++)
#pragma unroll
    for (int k = 0; k < D / 32; k++) {
      unsigned r[4];
      load_matrices<false>(r, mine + 8 * n * PITCH<D> + 32 * k);
      mma_bf16(c[n], a[2 * k], r[0], r[1]);
      mma_bf16(c[n], a[2 * k + 1], r[2], r[3]);
    }
}

// sum += P B, with P [16,DEPTH] the accumulators of the previous product and B [DEPTH,D] in shared memory.
template <int DEPTH, int D>
__device__ __forceinline__ void multiply(float (&sum)[D / 8][4], const float (&p)[DEPTH / 8][4], const bf16* b) {
  int lane = threadIdx.x % 32;
  const bf16* mine = b + lane % 16 * PITCH<D> + lane / 16 * 8;
#pragma unroll
  for (int k = 0; k < DEPTH / 16; k++) {
    unsigned a[4] = {pack_bf16(p[2 * k][0], p[2 * k][1]), pack_bf16(p[2 * k][2], p[2 * k][3]), pack_bf16(p[2 * k + 1][0], p[2 * k + 1][1]),
                     pack_bf16(p[2 * k + 1][2], p[2 * k + 1][3])};
#pragma unroll
    for (int n = 0; n < D / 16; n++) {
      unsigned r[4];
      load_matrices<true>(r, mine + 16 * k * PITCH<D> + 16 * n);
      mma_bf16(sum[2 * n], a, r[0], r[1]);
      mma_bf16(sum[2 * n + 1], a, r[2], r[3]);
    }
  }
}

// Writes the warp's 16 rows as 16-byte words, staged in its own rows of shared memory; rows past the end are not written.
template <int D>
__device__ __forceinline__ void write_rows(const float (&sum)[D / 8][4], float upper, float lower, bf16* shared, const Rows<bf16>& to, int b,
                                           int h, int first) {
  int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  __syncwarp();
#pragma unroll
  for (int n = 0; n < D / 8; n++) {
    *reinterpret_cast<unsigned*>(shared + g * PITCH<D> + 8 * n + 2 * t) = pack_bf16(sum[n][0] * upper, sum[n][1] * upper);
    *reinterpret_cast<unsigned*>(shared + (g + 8) * PITCH<D> + 8 * n + 2 * t) = pack_bf16(sum[n][2] * lower, sum[n][3] * lower);
  }
  __syncwarp();
  constexpr int PIECES = D / 8;
#pragma unroll
  for (int i = lane; i < ROWS_OF_WARP * PIECES; i += 32) {
    int row = i / PIECES, piece = i % PIECES * 8;
    if (first + row < to.rows) store_raw(to.at(b, h, D, first + row) + piece, load_raw<16>(shared + row * PITCH<D> + piece));
  }
}

// Maximum and sum over the four lanes that hold a row.
__device__ __forceinline__ float quad_max(float v) {
  v = fmaxf(v, __shfl_xor_sync(WARP, v, 1));
  return fmaxf(v, __shfl_xor_sync(WARP, v, 2));
}
__device__ __forceinline__ float quad_sum(float v) {
  v += __shfl_xor_sync(WARP, v, 1);
  return v + __shfl_xor_sync(WARP, v, 2);
}

// ---- forward: a block of WARPS*16 queries of one head ------------------------------------------------------------------------------------

template <int D, int WARPS, int TILE>
constexpr size_t forward_shared() {
  return size_t{sizeof(bf16)} * PITCH<D> * (WARPS * ROWS_OF_WARP + 4 * TILE);
}

template <int D, int WARPS, int TILE>
__global__ void __launch_bounds__(WARPS * 32, BLOCKS_LEAST)
    attention_kernel(Rows<const bf16> q, Rows<const bf16> k, Rows<const bf16> v, Rows<bf16> y, float* lse, AttentionSize s) {
  constexpr int QUERIES = WARPS * ROWS_OF_WARP, STAGE = 2 * TILE * PITCH<D>;
  int b = blockIdx.z, h = blockIdx.y, first = blockIdx.x * QUERIES, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  bf16* own = reinterpret_cast<bf16*>(shared_memory());
  bf16* stages = own + QUERIES * PITCH<D>;
  auto start = [&](int tile) {
    bf16* stage = stages + tile % 2 * STAGE;
    copy_rows<TILE, D>(stage, k, b, h, tile * TILE, WARPS * 32);
    copy_rows<TILE, D>(stage + TILE * PITCH<D>, v, b, h, tile * TILE, WARPS * 32);
    commit_copies();
  };
  copy_rows<QUERIES, D>(own, q, b, h, first, WARPS * 32);
  start(0);

  Fragment<D> queries;
  float out[D / 8][4] = {}, largest[2] = {-1e30f, -1e30f}, total[2] = {};  // -1e30 and not -infinity, whose differences are NaN
  float scale = s.scale * LOG2_E;
  int row = first + warp * ROWS_OF_WARP + lane / 4, last[2] = {keys_of(s, row), keys_of(s, row + 8)};
  int tiles = (keys_of(s, first + QUERIES - 1) + TILE - 1) / TILE;
  for (int tile = 0; tile < tiles; tile++) {
    if (tile + 1 < tiles) {
      start(tile + 1);
      wait_copies<1>();
    } else {
      wait_copies<0>();
    }
    __syncthreads();
    if (tile == 0) left_operand<D>(queries, own + warp * ROWS_OF_WARP * PITCH<D>);
    const bf16* keys = stages + tile % 2 * STAGE;
    float p[TILE / 8][4] = {};
    multiply_transposed<TILE, D>(p, queries, keys);
    float top[2] = {largest[0], largest[1]};
#pragma unroll
    for (int n = 0; n < TILE / 8; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        bool there = tile * TILE + 8 * n + lane % 4 * 2 + i % 2 < last[i / 2];
        p[n][i] = there ? p[n][i] * scale : -INFINITY;
        top[i / 2] = fmaxf(top[i / 2], p[n][i]);
      }
#pragma unroll
    for (int r = 0; r < 2; r++) {
      top[r] = quad_max(top[r]);
      float shrink = exp2f(largest[r] - top[r]);
      largest[r] = top[r];
      total[r] *= shrink;
#pragma unroll
      for (int n = 0; n < D / 8; n++) out[n][2 * r] *= shrink, out[n][2 * r + 1] *= shrink;
    }
#pragma unroll
    for (int n = 0; n < TILE / 8; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        p[n][i] = exp2f(p[n][i] - largest[i / 2]);
        total[i / 2] += p[n][i];
      }
    multiply<TILE, D>(out, p, keys + TILE * PITCH<D>);
    __syncthreads();
  }
  total[0] = quad_sum(total[0]);
  total[1] = quad_sum(total[1]);
#pragma unroll
  for (int r = 0; r < 2; r++) {
    int query = row + 8 * r;
    if (lane % 4 == 0 && query < s.queries) lse[(int64_t{b} * s.heads + h) * s.queries + query] = (largest[r] + log2f(total[r])) * LN_2;
  }
  write_rows<D>(out, 1 / total[0], 1 / total[1], own + warp * ROWS_OF_WARP * PITCH<D>, y, b, h, first + warp * ROWS_OF_WARP);
}

// ---- backward ------------------------------------------------------------------------------------------------------------------------------

// A block keeps one side of the scores and streams the other. With KEYS it keeps keys and values, streams queries and dy, and writes dk and
// dv. Otherwise it keeps queries and dy, streams keys and values, and writes dq (`second` is not written).
struct BackwardSide {
  Rows<const bf16> still_first, still_second, stream_first, stream_second;
  Rows<bf16> first, second;
};

template <int D, int WARPS>
constexpr size_t backward_shared() {
  return size_t{sizeof(bf16)} * PITCH<D> * (2 * WARPS * ROWS_OF_WARP + 4 * BACKWARD_TILE) + sizeof(float) * 4 * BACKWARD_TILE;
}

template <bool KEYS, int D, int WARPS>
__global__ void __launch_bounds__(WARPS * 32, BLOCKS_LEAST)
    attention_backward_kernel(BackwardSide side, const float* lse, const float* delta, AttentionSize s) {
  constexpr int TILE = BACKWARD_TILE, ROWS = WARPS * ROWS_OF_WARP, STAGE = 2 * TILE * PITCH<D>;
  int b = blockIdx.z, h = blockIdx.y, first = blockIdx.x * ROWS, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  bf16* own = reinterpret_cast<bf16*>(shared_memory());
  bf16* stages = own + 2 * ROWS * PITCH<D>;
  float* statistics = reinterpret_cast<float*>(stages + 2 * STAGE);  // with KEYS: lse and delta of the streamed queries, two stages
  int64_t queries = (int64_t{b} * s.heads + h) * s.queries;
  auto start = [&](int tile) {
    bf16* stage = stages + tile % 2 * STAGE;
    copy_rows<TILE, D>(stage, side.stream_first, b, h, tile * TILE, WARPS * 32);
    copy_rows<TILE, D>(stage + TILE * PITCH<D>, side.stream_second, b, h, tile * TILE, WARPS * 32);
    commit_copies();
    if (KEYS)
      for (int i = threadIdx.x; i < TILE; i += WARPS * 32) {
        bool present = tile * TILE + i < s.queries;
        float* to = statistics + tile % 2 * 2 * TILE;
        to[i] = present ? lse[queries + tile * TILE + i] * LOG2_E : 0;
        to[TILE + i] = present ? delta[queries + tile * TILE + i] : 0;
      }
  };
  copy_rows<ROWS, D>(own, side.still_first, b, h, first, WARPS * 32);
  copy_rows<ROWS, D>(own + ROWS * PITCH<D>, side.still_second, b, h, first, WARPS * 32);
  int begin = KEYS && s.causal ? first / TILE : 0;
  start(begin);

  int row = first + warp * ROWS_OF_WARP;
  float row_lse[2] = {}, row_delta[2] = {};
  if (!KEYS)
#pragma unroll
    for (int r = 0; r < 2; r++) {
      int query = row + lane / 4 + 8 * r;
      if (query < s.queries) row_lse[r] = lse[queries + query] * LOG2_E, row_delta[r] = delta[queries + query];
    }
  Fragment<D> still_first, still_second;
  float gradient_first[D / 8][4] = {}, gradient_second[D / 8][4] = {};
  float scale = s.scale * LOG2_E;
  int streaming = KEYS ? s.queries : keys_of(s, first + ROWS - 1), tiles = (streaming + TILE - 1) / TILE;
  for (int tile = begin; tile < tiles; tile++) {
    if (tile + 1 < tiles) {
      start(tile + 1);
      wait_copies<1>();
    } else {
      wait_copies<0>();
    }
    __syncthreads();
    if (tile == begin) {
      left_operand<D>(still_first, own + warp * ROWS_OF_WARP * PITCH<D>);
      left_operand<D>(still_second, own + (ROWS + warp * ROWS_OF_WARP) * PITCH<D>);
    }
    const bf16 *stream_first = stages + tile % 2 * STAGE, *stream_second = stream_first + TILE * PITCH<D>;
    const float* column = statistics + tile % 2 * 2 * TILE;
    float p[TILE / 8][4] = {}, ds[TILE / 8][4] = {};
    multiply_transposed<TILE, D>(p, still_first, stream_first);     // scores, or their transpose
    multiply_transposed<TILE, D>(ds, still_second, stream_second);  // dP, or its transpose
#pragma unroll
    for (int n = 0; n < TILE / 8; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int c = 8 * n + lane % 4 * 2 + i % 2;
        float low = KEYS ? column[c] : row_lse[i / 2], mean = KEYS ? column[TILE + c] : row_delta[i / 2];
        int still = row + lane / 4 + i / 2 * 8, streamed = tile * TILE + c;
        bool attends = streamed < streaming && (!s.causal || (KEYS ? still <= streamed : streamed <= still));
        p[n][i] = attends ? exp2f(fmaf(p[n][i], scale, -low)) : 0;
        ds[n][i] = p[n][i] * (ds[n][i] - mean);
      }
    multiply<TILE, D>(gradient_first, ds, stream_first);
    if constexpr (KEYS) multiply<TILE, D>(gradient_second, p, stream_second);
    __syncthreads();
  }
  write_rows<D>(gradient_first, s.scale, s.scale, own + warp * ROWS_OF_WARP * PITCH<D>, side.first, b, h, row);
  if constexpr (KEYS) write_rows<D>(gradient_second, 1, 1, own + (ROWS + warp * ROWS_OF_WARP) * PITCH<D>, side.second, b, h, row);
}

}  // namespace
}  // namespace fizzy::cuda
