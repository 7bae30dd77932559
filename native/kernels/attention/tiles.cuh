// Tile sizes of attention on the GPU, and the addresses of its rows.
#pragma once
#include "common/tensor_cores.cuh"

namespace fizzy::cuda {

constexpr float LOG2_E = 1.4426950408889634f, LN_2 = .6931471805599453f;

// A warp computes 16 rows, the height of a tensor-core product; four warps share each tile of the other operand, so that it is read a
// quarter as often. With 32 rows or fewer a block is one warp: of four warps half would be idle, and more blocks fill the GPU better.
constexpr int ROWS_OF_WARP = 16, WARPS_MANY = 4, FEW_ROWS = 32;

// Forward: 64 keys a tile; two stages of keys and values take 36 KiB at width 64, so that four blocks share a multiprocessor of sm_80.
// Identity tokens and the 4x4 level have 32 keys or fewer, for which half of such a tile would be padding.
constexpr int FORWARD_TILE = 64, FORWARD_TILE_SMALL = 32;

// Blocks per multiprocessor for __launch_bounds__: without it the compiler limits sm_120 to 128 registers, and spills.
constexpr int BLOCKS_LEAST = 2;

// Backward: 32 rows per tile, since scores and their gradients both stay in registers, 16 of each.
constexpr int BACKWARD_TILE = 32;

// Row pitch in shared memory, in elements: 16 bytes beyond a multiple of 64, so that the eight rows of a matrix fall into eight different
// groups of banks.
template <int D>
constexpr int PITCH = D + 8;

// Row i of image b and head h begins at base + (b rows + i) stride + h D.
template <typename T>
struct Rows {
  T* base;
  int64_t stride;
  int rows;
  __device__ T* at(int b, int h, int width, int i) const { return base + (int64_t{b} * rows + i) * stride + h * width; }
};

struct AttentionSize {
  int batch, queries, keys, heads, width;
  float scale;  // 1/sqrt(D)
  bool causal = false;
};

// The keys that the query attends to.
__device__ __forceinline__ int keys_of(const AttentionSize& s, int query) { return s.causal ? min(query + 1, s.keys) : s.keys; }

// Queries, keys and values, or their gradients. If kv is null, q holds all three side by side.
template <typename T>
struct AttentionOperands {
  Rows<T> q, k, v;
  AttentionOperands(T* q_in, T* kv, const AttentionSize& s) {
    int64_t c = int64_t{s.heads} * s.width;
    q = {q_in, kv ? c : 3 * c, s.queries};
    k = {kv ? kv : q_in + c, kv ? 2 * c : 3 * c, s.keys};
    v = {k.base + c, k.stride, s.keys};
  }
};

}  // namespace fizzy::cuda
