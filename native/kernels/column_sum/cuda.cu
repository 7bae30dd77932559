// The gradient of a bias. Sums chunks of 128 rows, then adds up the chunks in order: the same bits in every run. Floor: one read an element
// over bandwidth.
#include "common/cuda.cuh"
#include "kernels/column_sum/column_sum.h"

namespace fizzy::cuda {
namespace {

constexpr int SUM_LANES = 32, SUM_ROWS = 8;  // of a block: 32 vectors of columns by eight rows

template <typename T, int W>
__global__ void __launch_bounds__(SUM_LANES* SUM_ROWS) column_sum_kernel(const T* x, float* partial, int64_t rows, int64_t columns) {
  __shared__ float sums[SUM_ROWS][SUM_LANES * W];
  int lane = threadIdx.x % SUM_LANES, band = threadIdx.x / SUM_LANES;
  int64_t column = (int64_t{blockIdx.y} * SUM_LANES + lane) * W, first = int64_t{blockIdx.x} * COLUMN_SUM_ROWS;
  int64_t end = first + COLUMN_SUM_ROWS < rows ? first + COLUMN_SUM_ROWS : rows;
  Floats<W> sum{};
  if (column < columns)
    for (int64_t r = first + band; r < end; r += SUM_ROWS) {
      Floats<W> v = load<W>(x + r * columns + column);
#pragma unroll
      for (int k = 0; k < W; k++) sum[k] += v[k];
    }
#pragma unroll
  for (int k = 0; k < W; k++) sums[band][k * SUM_LANES + lane] = sum[k];
  __syncthreads();
  if (band != 0 || column >= columns) return;
#pragma unroll
  for (int k = 0; k < W; k++) {
    float total = 0;
#pragma unroll
    for (int i = 0; i < SUM_ROWS; i++) total += sums[i][k * SUM_LANES + lane];
    partial[blockIdx.x * columns + column + k] = total;
  }
}

// y[c] = the sum over chunks of partial[chunk][c], in double.
struct ChunkSum {
  const float* partial;
  float* y;
  int64_t chunks, columns;
  template <int W>
  __device__ void at(int64_t c) const {
    double sum = 0;
    for (int64_t i = 0; i < chunks; i++) sum += partial[i * columns + c];
    y[c] = static_cast<float>(sum);
  }
};

}  // namespace

int64_t scratch_bytes(const Backend::ColumnSum& o) { return cpu::scratch_bytes(o); }

void column_sum(const Backend::ColumnSum& o, void* stream) {
  check_aligned("column_sum", o.x, o.scratch);
  auto partial = static_cast<float*>(o.scratch);
  int64_t chunks = column_sum_chunks(o.rows);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto run = [&](auto width) {
      constexpr int W = decltype(width)::value;
      // Chunks along x, since only x may exceed 65,535: the decoder has 16 million rows at batch 256.
      launch("column_sum", column_sum_kernel<T, W>, dim3(blocks(chunks, 1), blocks(o.columns, SUM_LANES * W)), SUM_LANES * SUM_ROWS, 0, stream,
             static_cast<const T*>(o.x), partial, o.rows, o.columns);
    };
    if (o.columns % VECTOR<T> == 0) run(std::integral_constant<int, VECTOR<T>>{});
    else run(std::integral_constant<int, 1>{});
  });
  pointwise<1>("column_sum", ChunkSum{partial, o.y, chunks, o.columns}, o.columns, stream);
}

}  // namespace fizzy::cuda
