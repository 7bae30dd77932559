// Forward: moments of each group, then the normalization; in one kernel if the slice fits into the shared memory of a block or a cluster.
#pragma once
#include "kernels/group_norm/norm.cuh"

namespace fizzy::cuda {
namespace {

// Adds up `part` [rows][tile] over the rows and over the channels of each group of the tile; one warp per group. Ends with a barrier.
template <typename T>
__device__ void group_sums(const Norm<T>& n, const float* part, int rows, float* sums) {
  __syncthreads();
  int lane = threadIdx.x % 32;
  for (int group = threadIdx.x / 32; group < n.tile / n.width; group += BLOCK / 32) {
    float sum = 0;
    for (int i = lane; i < rows * n.width; i += 32) sum += part[i / n.width * n.tile + group * n.width + i % n.width];
    sum = warp_sum(sum);
    if (lane == 0) sums[group] = sum;
  }
  __syncthreads();
}

// Mean and sum of squared deviations of each group of the tile over this block's pixels. With SLICE the pixels are stored in `slice`.
template <bool SLICE, int W, typename T>
__device__ void moments(const Norm<T>& n, const TilePlace<W>& at, const T* x, T* slice, float* part, float* mean, float* squares) {
  float count = static_cast<float>(at.end - at.begin) * n.width;
  Floats<W> sum{};
  if (at.active)
    for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
      auto raw = load_raw<W * sizeof(T)>(x + int64_t{pixel} * n.c + at.channel);
      if constexpr (SLICE) store_raw(slice + (pixel - at.begin) * n.tile + at.in_tile, raw);
      Floats<W> v = unpack<W, T>(raw);
#pragma unroll
      for (int i = 0; i < W; i++) sum[i] += v[i];
    }
  put_part(part, n.tile, at, sum);
  group_sums(n, part, at.rows, mean);
  if (static_cast<int>(threadIdx.x) < n.tile / n.width) mean[threadIdx.x] /= count;
  __syncthreads();
  sum = {};
  if (at.active)
    for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
      Floats<W> v = load<W>(SLICE ? slice + (pixel - at.begin) * n.tile + at.in_tile : x + int64_t{pixel} * n.c + at.channel);
#pragma unroll
      for (int i = 0; i < W; i++) {
        float d = v[i] - mean[(at.in_tile + i) / n.width];
        sum[i] = fmaf(d, d, sum[i]);
      }
    }
  put_part(part, n.tile, at, sum);
  group_sums(n, part, at.rows, squares);
}

template <bool SLICE, int W, typename T>
__device__ void normalize(const Norm<T>& n, const TilePlace<W>& at, int image, const T* x, const T* slice, T* y, const float* mean,
                          const float* rstd) {
  if (!at.active) return;
  Coefficients<W> k = coefficients(n, at, image, mean, rstd, true);
  for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
    int64_t i = int64_t{pixel} * n.c + at.channel;
    Floats<W> v = load<W>(SLICE ? slice + (pixel - at.begin) * n.tile + at.in_tile : x + i);
#pragma unroll
    for (int e = 0; e < W; e++) {
      float u = fmaf(v[e] - k.mean[e], k.a[e], k.c[e]);
      v[e] = n.silu ? u / (1 + expf(-u)) : u;
    }
    store(y + i, v);
  }
}

template <typename T>
__device__ void keep_statistics(const Norm<T>& n, int image, const float* mean, const float* rstd) {
  int groups = n.tile / n.width;
  if (static_cast<int>(threadIdx.x) >= groups) return;
  int64_t at = int64_t{image} * n.g + blockIdx.x * groups + threadIdx.x;
  n.mean[at] = mean[threadIdx.x];
  n.rstd[at] = rstd[threadIdx.x];
}

template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_slice_kernel(Norm<T> n, T* y) {
  NormShared<W, T> s(n.tile, 1);
  TilePlace<W> at(n, true);
  int image = blockIdx.z;
  int64_t first = int64_t{image} * n.p * n.c;
  moments<true>(n, at, n.x + first, s.slice, s.part, s.first, s.second);
  if (static_cast<int>(threadIdx.x) < n.tile / n.width)
    s.second[threadIdx.x] = 1 / sqrtf(s.second[threadIdx.x] / (static_cast<float>(n.p) * n.width) + n.eps);
  __syncthreads();
  keep_statistics(n, image, s.first, s.second);
  normalize<true>(n, at, image, n.x + first, s.slice, y + first, s.first, s.second);
}

// partial [B,chunks,2,G]: mean and sum of squared deviations of each chunk.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_moments_kernel(Norm<T> n) {
  NormShared<W, T> s(n.tile, 1);
  TilePlace<W> at(n, false);
  int image = blockIdx.z, groups = n.tile / n.width;
  moments<false>(n, at, n.x + int64_t{image} * n.p * n.c, static_cast<T*>(nullptr), s.part, s.first, s.second);
  if (static_cast<int>(threadIdx.x) >= groups) return;
  float* out = n.partial + (int64_t{image} * n.chunks + blockIdx.y) * 2 * n.g + blockIdx.x * groups + threadIdx.x;
  out[0] = s.first[threadIdx.x];
  out[n.g] = s.second[threadIdx.x];
}

// Combines the chunks' moments (Chan, Golub and LeVeque 1979) into mean and 1/deviation of each group of the tile; one warp per group.
// read(chunk, group, 0) is a mean, read(chunk, group, 1) a sum of squared deviations.
template <typename T, typename Read>
__device__ __forceinline__ void combine(const Norm<T>& n, Read read, float* mean_of, float* rstd_of) {
  int groups = n.tile / n.width, lane = threadIdx.x % 32, pixels = (n.p + n.chunks - 1) / n.chunks;
  for (int group = threadIdx.x / 32; group < groups; group += BLOCK / 32) {
    int here = lane < n.chunks ? min(pixels, n.p - lane * pixels) : 0;
    double count = here > 0 ? double(here) * n.width : 0, mean = here > 0 ? read(lane, group, 0) : 0,
           squares = here > 0 ? read(lane, group, 1) : 0;
    double middle = warp_sum(count * mean) * n.one_over_count;
    squares = warp_sum(squares + count * (mean - middle) * (mean - middle));
    if (lane == 0) mean_of[group] = static_cast<float>(middle), rstd_of[group] = static_cast<float>(rsqrt(squares * n.one_over_count + n.eps));
  }
}

// Normalizes this block's chunk.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_apply_kernel(Norm<T> n, T* y) {
  NormShared<W, T> s(n.tile, 0);
  TilePlace<W> at(n, false);
  int image = blockIdx.z, groups = n.tile / n.width;
  const float* in = n.partial + int64_t{image} * n.chunks * 2 * n.g + blockIdx.x * groups;
  combine(n, [&](int chunk, int group, int which) { return in[(chunk * 2 + which) * n.g + group]; }, s.first, s.second);
  __syncthreads();
  if (blockIdx.y == 0) keep_statistics(n, image, s.first, s.second);
  int64_t first = int64_t{image} * n.p * n.c;
  normalize<false>(n, at, image, n.x + first, static_cast<const T*>(nullptr), y + first, s.first, s.second);
}

// A cluster of n.chunks blocks has the slice: each reads and keeps a chunk, and the others' moments from their shared memory.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_cluster_kernel(Norm<T> n, T* y) {
#ifdef FIZZY_CLUSTERS
  NormShared<W, T> s(n.tile, 1);
  TilePlace<W> at(n, false);
  int image = blockIdx.z;
  int64_t first = int64_t{image} * n.p * n.c;
  moments<true>(n, at, n.x + first, s.slice, s.part, s.first, s.second);
  cluster_barrier();
  float *mean = s.part, *rstd = s.part + n.tile / n.width;
  combine(n, [&](int chunk, int group, int which) { return of_block((which ? s.second : s.first) + group, chunk); }, mean, rstd);
  cluster_barrier();  // a block may leave when no other reads its shared memory
  if (blockIdx.y == 0) keep_statistics(n, image, mean, rstd);
  normalize<true>(n, at, image, n.x + first, s.slice, y + first, mean, rstd);
#else
  __trap();
#endif
}

}  // namespace
}  // namespace fizzy::cuda
