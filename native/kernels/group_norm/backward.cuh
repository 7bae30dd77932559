// Backward: with x_hat = (x - mean) rstd, u = a x_hat + c, du = dy f'(u), each channel's sums are D1 = sum du, D2 = sum du x_hat, and
// dx = rstd (a du - (m1 + x_hat m2)), m1 and m2 the means over the group of a du and a du x_hat.
#pragma once
#include "kernels/group_norm/norm.cuh"

namespace fizzy::cuda {
namespace {

template <int W>
__device__ __forceinline__ void slopes(Floats<W>& x, Floats<W>& up, const Coefficients<W>& k, const Floats<W>& rstd, int silu) {
#pragma unroll
  for (int e = 0; e < W; e++) {
    x[e] = (x[e] - k.mean[e]) * rstd[e];
    if (!silu) continue;
    float u = fmaf(x[e], k.a[e], k.c[e]), s = 1 / (1 + expf(-u));
    up[e] *= s * fmaf(u, 1 - s, 1);
  }
}

// Adds up part [2][rows][tile] over the rows; totals [2][tile] go to `sums`. One warp per channel.
__device__ __forceinline__ void channel_sums(const float* part, int rows, int tile, float* first, float* second) {
  __syncthreads();
  int lane = threadIdx.x % 32;
  for (int c = threadIdx.x / 32; c < tile; c += BLOCK / 32) {
    float d1 = 0, d2 = 0;
    for (int r = lane; r < rows; r += 32) d1 += part[r * tile + c], d2 += part[rows * tile + r * tile + c];
    d1 = warp_sum(d1);
    d2 = warp_sum(d2);
    if (lane == 0) first[c] = d1, second[c] = d2;
  }
  __syncthreads();
}

template <bool SLICE, int W, typename T>
__device__ void gradient_sums(const Norm<T>& n, const TilePlace<W>& at, const Coefficients<W>& k, const Floats<W>& rstd, const T* x, const T* dy,
                              T* slice, float* part, float* first, float* second) {
  Floats<W> d1{}, d2{};
  if (at.active)
    for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
      int64_t i = int64_t{pixel} * n.c + at.channel;
      auto raw = load_raw<W * sizeof(T)>(x + i), raw_up = load_raw<W * sizeof(T)>(dy + i);
      if constexpr (SLICE) {
        store_raw(slice + pixel * n.tile + at.in_tile, raw);
        store_raw(slice + (n.p + pixel) * n.tile + at.in_tile, raw_up);
      }
      Floats<W> hat = unpack<W, T>(raw), up = unpack<W, T>(raw_up);
      slopes(hat, up, k, rstd, n.silu);
#pragma unroll
      for (int e = 0; e < W; e++) d1[e] += up[e], d2[e] = fmaf(up[e], hat[e], d2[e]);
    }
  put_part(part, n.tile, at, d1);
  put_part(part + at.rows * n.tile, n.tile, at, d2);
  channel_sums(part, at.rows, n.tile, first, second);
}

// m1 and m2 of the group of each of the thread's channels, from the channels' sums.
template <int W, typename T>
__device__ __forceinline__ void group_means(const Norm<T>& n, int image, const float* d1, const float* d2, float* m1, float* m2) {
  int groups = n.tile / n.width;
  float count = static_cast<float>(n.p) * n.width;
  if (static_cast<int>(threadIdx.x) < groups) {
    float sum1 = 0, sum2 = 0;
    for (int i = 0; i < n.width; i++) {
      int in_tile = threadIdx.x * n.width + i, channel = blockIdx.x * n.tile + in_tile;
      float factor = n.scale ? 1 + widen(n.scale[scale_row(nullptr, n.scale_rows, n.c, image) + channel]) : 1, a = factor * n.gamma[channel];
      sum1 = fmaf(a, d1[in_tile], sum1);
      sum2 = fmaf(a, d2[in_tile], sum2);
    }
    m1[threadIdx.x] = sum1 / count;
    m2[threadIdx.x] = sum2 / count;
  }
  __syncthreads();
}

template <bool SLICE, int W, typename T>
__device__ void input_gradient(const Norm<T>& n, const TilePlace<W>& at, const Coefficients<W>& k, const Floats<W>& rstd, const T* x,
                               const T* dy, const T* slice, T* dx, const float* m1, const float* m2) {
  if (!at.active) return;
  Floats<W> mean1, mean2;
#pragma unroll
  for (int e = 0; e < W; e++) mean1[e] = m1[(at.in_tile + e) / n.width], mean2[e] = m2[(at.in_tile + e) / n.width];
  for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
    int64_t i = int64_t{pixel} * n.c + at.channel;
    Floats<W> hat = load<W>(SLICE ? slice + pixel * n.tile + at.in_tile : x + i),
              up = load<W>(SLICE ? slice + (n.p + pixel) * n.tile + at.in_tile : dy + i);
    slopes(hat, up, k, rstd, n.silu);
#pragma unroll
    for (int e = 0; e < W; e++) up[e] = rstd[e] * fmaf(k.a[e], up[e], -fmaf(hat[e], mean2[e], mean1[e]));
    store(dx + i, up);
  }
}

template <int W, typename T>
__device__ __forceinline__ void statistics(const Norm<T>& n, const TilePlace<W>& at, int image, Coefficients<W>& k, Floats<W>& rstd) {
  int64_t first = int64_t{image} * n.g + blockIdx.x * (n.tile / n.width);
  k = coefficients(n, at, image, n.mean + first, n.rstd + first, false);
#pragma unroll
  for (int e = 0; e < W; e++) rstd[e] = n.rstd[first + (at.in_tile + e) / n.width];
}

template <typename T>
__device__ __forceinline__ void keep_totals(const Norm<T>& n, int image, const float* d1, const float* d2) {
  for (int i = threadIdx.x; i < n.tile; i += BLOCK) {
    float* out = n.totals + int64_t{image} * 2 * n.c + blockIdx.x * n.tile + i;
    out[0] = d1[i];
    out[n.c] = d2[i];
  }
}

template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_slice_backward_kernel(Norm<T> n, const T* dy, T* dx) {
  NormShared<W, T> s(2 * n.tile, 2);
  float *d1 = s.first, *d2 = d1 + n.tile, *m1 = d2 + n.tile, *m2 = m1 + n.tile;
  TilePlace<W> at(n, true);
  int image = blockIdx.z;
  int64_t first = int64_t{image} * n.p * n.c;
  Coefficients<W> k;
  Floats<W> rstd;
  statistics(n, at, image, k, rstd);
  gradient_sums<true>(n, at, k, rstd, n.x + first, dy + first, s.slice, s.part, d1, d2);
  keep_totals(n, image, d1, d2);
  if (!dx) return;
  group_means<W>(n, image, d1, d2, m1, m2);
  input_gradient<true>(n, at, k, rstd, n.x + first, dy + first, s.slice, dx + first, m1, m2);
}

template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_gradient_sums_kernel(Norm<T> n, const T* dy) {
  NormShared<W, T> s(2 * n.tile, 2);
  TilePlace<W> at(n, false);
  int image = blockIdx.z;
  int64_t first = int64_t{image} * n.p * n.c;
  Coefficients<W> k;
  Floats<W> rstd;
  statistics(n, at, image, k, rstd);
  gradient_sums<false>(n, at, k, rstd, n.x + first, dy + first, static_cast<T*>(nullptr), s.part, s.first, s.first + n.tile);
  for (int i = threadIdx.x; i < n.tile; i += BLOCK) {
    float* out = n.partial + (int64_t{image} * n.chunks + blockIdx.y) * 2 * n.c + blockIdx.x * n.tile + i;
    out[0] = s.first[i];
    out[n.c] = s.first[n.tile + i];
  }
}

template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_apply_backward_kernel(Norm<T> n, const T* dy, T* dx) {
  NormShared<W, T> s(2 * n.tile, 0);
  float *d1 = s.first, *d2 = d1 + n.tile, *m1 = d2 + n.tile, *m2 = m1 + n.tile;
  TilePlace<W> at(n, false);
  int image = blockIdx.z;
  for (int i = threadIdx.x; i < n.tile; i += BLOCK) {
    const float* in = n.partial + int64_t{image} * n.chunks * 2 * n.c + blockIdx.x * n.tile + i;
    float sum1 = 0, sum2 = 0;
    for (int chunk = 0; chunk < n.chunks; chunk++) sum1 += in[int64_t{chunk} * 2 * n.c], sum2 += in[int64_t{chunk} * 2 * n.c + n.c];
    d1[i] = sum1;
    d2[i] = sum2;
  }
  __syncthreads();
  if (blockIdx.y == 0) keep_totals(n, image, d1, d2);
  if (!dx) return;
  group_means<W>(n, image, d1, d2, m1, m2);
  Coefficients<W> k;
  Floats<W> rstd;
  statistics(n, at, image, k, rstd);
  int64_t first = int64_t{image} * n.p * n.c;
  input_gradient<false>(n, at, k, rstd, n.x + first, dy + first, static_cast<const T*>(nullptr), dx + first, m1, m2);
}

// From the totals [B,2,C]: dgamma = sum over B of (1 + scale) D2, dbeta = sum over B of (1 + scale) D1, dscale = gamma D2 + beta D1, dshift
// = D1. A block takes 32 channels, its eight warps divide the images.
template <typename T>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST)
    norm_parameters_kernel(Norm<T> n, int images, float* dgamma, float* dbeta, T* dscale, T* dshift) {
  __shared__ float sums[4][BLOCK / 32][32];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32, channel = blockIdx.x * 32 + lane;
  bool there = channel < n.c, own = n.scale_rows != 1;
  float gamma = 0, beta = 0, scale = 0, shift = 0;
  for (int b = warp; there && b < images; b += BLOCK / 32) {
    int64_t row = (own ? int64_t{b} * n.c : 0) + channel;
    float d1 = n.totals[int64_t{b} * 2 * n.c + channel], d2 = n.totals[int64_t{b} * 2 * n.c + n.c + channel];
    float factor = n.scale ? 1 + widen(n.scale[row]) : 1, along = fmaf(n.gamma[channel], d2, n.beta[channel] * d1);
    gamma = fmaf(factor, d2, gamma);
    beta = fmaf(factor, d1, beta);
    scale += along;
    shift += d1;
    if (own && dscale) dscale[row] = narrow<T>(along);
    if (own && dshift) dshift[row] = narrow<T>(d1);
  }
  sums[0][warp][lane] = gamma, sums[1][warp][lane] = beta, sums[2][warp][lane] = scale, sums[3][warp][lane] = shift;
  __syncthreads();
  if (warp >= 4 || !there) return;
  float sum = 0;
#pragma unroll
  for (int i = 0; i < BLOCK / 32; i++) sum += sums[warp][i][lane];
  if (warp == 0 && dgamma) dgamma[channel] = sum;
  if (warp == 1 && dbeta) dbeta[channel] = sum;
  if (warp == 2 && !own && dscale) dscale[channel] = narrow<T>(sum);
  if (warp == 3 && !own && dshift) dshift[channel] = narrow<T>(sum);
}

}  // namespace
}  // namespace fizzy::cuda
