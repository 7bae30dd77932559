// Tile and chunk sizes of group norm on the GPU: pure functions of the shape, each number with its reason.
#pragma once
#include <numeric>

#include "common/cuda.cuh"

namespace fizzy::cuda {

// A slice (all pixels of a tile of channels of one image) up to this size stays in shared memory, so that memory is read once. The lowest
// limit of the GPUs we build for is 99 KiB per block (sm_86, sm_89, sm_120); the sums take the rest.
constexpr int64_t SLICE_BYTES = 80 * 1024;

// Preferred bytes of a pixel in a tile: two sectors of 32 bytes, so that at most half a sector at either end is wasted.
constexpr int TILE_BYTES = 64;

// Minimum number of blocks before tiles may grow: one for each multiprocessor of the largest GPUs.
constexpr int NORM_BLOCKS = 128;

// Blocks of 256 threads per multiprocessor for __launch_bounds__: without it the compiler chooses too few registers for sm_90, and spills.
constexpr int NORM_BLOCKS_LEAST = 2;

// Slices that do not fit are cut into chunks of at least 64 pixels, so that launching a block for one pays, and into at most 32 chunks,
// which a warp adds up in one step.
inline int norm_chunks(int p) { return std::max(1, std::min(32, p / 64)); }

// A slice that does not fit one block is divided among a cluster of at most eight, which every GPU with clusters takes. Smaller clusters
// wait less for each other.
constexpr int NORM_CLUSTER = 8;

struct NormCluster {
  int tile, blocks;  // 0 blocks: the slice does not fit
};
inline NormCluster norm_cluster(int c, int g, int w, int element_bytes, int p) {
  auto fits = [&](int tile, int blocks) { return int64_t{(p + blocks - 1) / blocks} * tile * element_bytes <= SLICE_BYTES; };
  int tile = std::lcm(c / g, w), blocks = 2;
  if (!fits(tile, NORM_CLUSTER)) return {tile, 0};
  while (tile * element_bytes < TILE_BYTES && c % (2 * tile) == 0 && fits(2 * tile, NORM_CLUSTER)) tile *= 2;
  while (!fits(tile, blocks)) blocks *= 2;
  return {tile, blocks};
}

// Channels of a tile: a multiple of the group width and of W.
inline int norm_tile(int b, int c, int g, int w, int element_bytes, int p, int arrays) {
  int base = std::lcm(c / g, w);
  auto fits = [&](int tile) { return int64_t{p} * tile * element_bytes * arrays <= SLICE_BYTES; };
  int tile = base;
  while (tile * element_bytes < TILE_BYTES && c % (2 * tile) == 0 && (fits(2 * tile) ? int64_t{b} * c / (2 * tile) >= NORM_BLOCKS : !fits(base)))
    tile *= 2;
  return tile;
}

}  // namespace fizzy::cuda
