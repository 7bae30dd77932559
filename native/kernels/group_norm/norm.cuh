// Shared by the forward and the backward pass of group norm: operands, the elements of a thread, coefficients, shared memory.
#pragma once
#include "kernels/group_norm/group_norm.h"
#include "kernels/group_norm/tiles.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct Norm {
  const T* x;
  const float *gamma, *beta;
  const T *scale, *shift;
  int scale_rows;
  const int* row;
  float *mean, *rstd;
  int p, c, g, width, tile, chunks, silu;  // width: channels of a group
  float eps;
  double one_over_count;  // of a group's elements
  float* partial;         // [B,chunks,2,C] of sums, then [B,2,C] of their totals
  float* totals;
};

// The elements of a thread: vector `vector` of the tile, pixels begin + row, begin + row + rows, ...
template <int W>
struct TilePlace {
  int rows, row, in_tile, channel, begin, end;
  bool active;
  template <typename T>
  __device__ TilePlace(const Norm<T>& n, bool whole) {
    int vectors = n.tile / W, vector = static_cast<int>(threadIdx.x) % vectors;
    rows = BLOCK / vectors;
    row = static_cast<int>(threadIdx.x) / vectors;
    active = row < rows;
    in_tile = vector * W;
    channel = static_cast<int>(blockIdx.x) * n.tile + in_tile;
    int pixels = whole ? n.p : (n.p + n.chunks - 1) / n.chunks;
    begin = whole ? 0 : static_cast<int>(blockIdx.y) * pixels;
    end = begin + pixels < n.p ? begin + pixels : n.p;
  }
};

// u = a (x - mean) + c for each channel of the thread.
template <int W>
struct Coefficients {
  Floats<W> mean, a, c;
};

template <int W, typename T>
__device__ __forceinline__ Coefficients<W> coefficients(const Norm<T>& n, const TilePlace<W>& at, int image, const float* mean,
                                                        const float* rstd, bool times_rstd) {
  Coefficients<W> k;
#pragma unroll
  for (int i = 0; i < W; i++) {
    int channel = at.channel + i, group = (at.in_tile + i) / n.width;
    int64_t row = scale_row(n.row, n.scale_rows, n.c, image) + channel;
    float factor = n.scale ? 1 + widen(n.scale[row]) : 1, shift = n.scale ? widen(n.shift[row]) : 0;
    k.mean[i] = mean[group];
    k.a[i] = factor * n.gamma[channel] * (times_rstd ? rstd[group] : 1);
    k.c[i] = fmaf(factor, n.beta[channel], shift);
  }
  return k;
}

template <int W>
__device__ __forceinline__ void put_part(float* part, int tile, const TilePlace<W>& at, const Floats<W>& v) {
  if (!at.active) return;
#pragma unroll
  for (int i = 0; i < W; i++) part[at.row * tile + at.in_tile + i] = v[i];
}

// Shared memory: [part: BLOCK*W floats][two values per group, at most one group per channel][slice]
template <int W, typename T>
struct NormShared {
  float *part, *first, *second;
  T* slice;
  __device__ NormShared(int tile, int parts) {
    part = reinterpret_cast<float*>(shared_memory());
    first = part + parts * BLOCK * W;
    second = first + tile;
    slice = reinterpret_cast<T*>(first + (2 * tile + 3) / 4 * 4);
  }
  static size_t bytes(int tile, int parts, int64_t slice_bytes) {
    return (size_t{BLOCK} * W * parts + (2 * tile + 3) / 4 * 4) * sizeof(float) + slice_bytes;
  }
};

}  // namespace
}  // namespace fizzy::cuda
