// Tiles of 32x32 through shared memory, so that reads and writes both run along rows. Floor: one read and one write over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr int TILE = 32, TILE_ROWS = 8;  // one warp per row, each thread handles four rows

template <typename Word>
__global__ void __launch_bounds__(TILE* TILE_ROWS) transpose_kernel(const Word* x, Word* y, int r, int c, int column_tiles) {
  __shared__ Word tile[TILE][TILE + 1];  // the extra column puts the elements of a column into different banks
  int lane = threadIdx.x % TILE, warp = threadIdx.x / TILE, left = static_cast<int>(blockIdx.x) % column_tiles * TILE,
      top = static_cast<int>(blockIdx.x) / column_tiles * TILE;
  int64_t image = int64_t{blockIdx.y} * r * c;
  for (int i = warp; i < TILE; i += TILE_ROWS)
    if (top + i < r && left + lane < c) tile[i][lane] = x[image + int64_t{top + i} * c + left + lane];
  __syncthreads();
  for (int i = warp; i < TILE; i += TILE_ROWS)
    if (left + i < c && top + lane < r) y[image + int64_t{left + i} * r + top + lane] = tile[lane][i];
}

}  // namespace

void transpose(const Backend::Transpose& o, void* stream) {
  auto by_word = [&](auto word) {
    using Word = decltype(word);
    int columns = (o.c + TILE - 1) / TILE;
    launch("transpose", transpose_kernel<Word>, dim3(blocks(int64_t{(o.r + TILE - 1) / TILE} * columns, 1), o.b), TILE * TILE_ROWS, 0, stream,
           static_cast<const Word*>(o.x), static_cast<Word*>(o.y), o.r, o.c, columns);
  };
  if (o.type == 0) by_word(unsigned{});
  else by_word(uint16_t{});
}

}  // namespace fizzy::cuda
