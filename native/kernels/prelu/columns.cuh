// Several sums over the rows of [R,C] in one pass: blocks take tiles of columns and chunks of rows, which depend on the shape alone.
#pragma once
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr int COLUMN_LANES = 32, COLUMN_BANDS = 8;  // of a block: 32 vectors of columns by eight rows
constexpr int64_t CHUNKS_MOST = 256;                // so that adding up the chunks costs little beside the rows
constexpr int64_t CHUNK_LEAST = 64;                 // rows

inline int64_t chunk_rows(int64_t rows) { return std::max(CHUNK_LEAST, (rows + CHUNKS_MOST - 1) / CHUNKS_MOST); }
inline int64_t row_chunks(int64_t rows) { return (rows + chunk_rows(rows) - 1) / chunk_rows(rows); }

// This thread's part: columns column .. column+W-1 of rows first+band, first+band+8, ... below end.
template <int W>
struct ColumnPart {
  int lane, band;
  int64_t column, first, end;
  bool there;
  __device__ ColumnPart(int64_t rows, int64_t columns, int64_t chunk) {
    lane = threadIdx.x % COLUMN_LANES;
    band = threadIdx.x / COLUMN_LANES;
    column = (int64_t{blockIdx.x} * COLUMN_LANES + lane) * W;
    first = blockIdx.y * chunk;
    end = first + chunk < rows ? first + chunk : rows;
    there = column < columns;
  }
};

// Adds up v over the bands; all threads of a lane get the sums. `sums` is [COLUMN_BANDS][COLUMN_LANES*W].
template <int W>
__device__ __forceinline__ void sum_bands(Floats<W>& v, float (&sums)[COLUMN_BANDS][COLUMN_LANES * W], const ColumnPart<W>& at) {
  __syncthreads();
#pragma unroll
  for (int k = 0; k < W; k++) sums[at.band][k * COLUMN_LANES + at.lane] = v[k];
  __syncthreads();
#pragma unroll
  for (int k = 0; k < W; k++) {
    v[k] = 0;
#pragma unroll
    for (int i = 0; i < COLUMN_BANDS; i++) v[k] += sums[i][k * COLUMN_LANES + at.lane];
  }
}

template <typename T, int W>
dim3 column_grid(int64_t rows, int64_t columns) {
  return dim3(blocks(columns, COLUMN_LANES * W), blocks(row_chunks(rows), 1));
}

// Calls body(T{}, W as an integral constant).
template <typename Body>
void by_columns(int type, int64_t columns, Body body) {
  by_type(type, [&](auto t) {
    constexpr int WIDE = VECTOR<decltype(t)>;
    if (columns % WIDE == 0) body(t, std::integral_constant<int, WIDE>{});
    else body(t, std::integral_constant<int, 1>{});
  });
}

}  // namespace
}  // namespace fizzy::cuda
