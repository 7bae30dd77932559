// Group norm of NHWC (group_norm.h). A block takes the pixels of a tile of channels of one image; each thread keeps to one vector of
// channels, whose coefficients stay in registers. Where the slice fits into shared memory it is read once; else sums over chunks of
// pixels come first, and a second launch reads again, mostly from level 2. Sums are taken in one order.
// Floor: one read and one write an element over bandwidth, backward two reads and one write.
#include "kernels/group_norm/tiles.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct Norm {
  const T* x;
  const float *gamma, *beta;
  const T *scale, *shift;
  int scale_rows;
  float *mean, *rstd;
  int p, c, g, width, tile, chunks, silu;  // width: channels of a group
  float eps;
  double one_over_count;  // of a group's elements
  float* partial;         // [B,chunks,2,C] of sums, then [B,2,C] of their totals
  float* totals;
};

// What a thread works on: vector `vector` of the tile, pixels begin + row, begin + row + rows, ...
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

// u = a (x - mean) + c per channel of the thread.
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
    int64_t row = (n.scale_rows == 1 ? 0 : int64_t{image} * n.c) + channel;
    float factor = n.scale ? 1 + widen(n.scale[row]) : 1, shift = n.scale ? widen(n.shift[row]) : 0;
    k.mean[i] = mean[group];
    k.a[i] = factor * n.gamma[channel] * (times_rstd ? rstd[group] : 1);
    k.c[i] = fmaf(factor, n.beta[channel], shift);
  }
  return k;
}

// Adds up `part` [rows][tile] over the rows and the channels of each group of the tile; a warp a group. Ends with a barrier.
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

template <int W>
__device__ __forceinline__ void put_part(float* part, int tile, const TilePlace<W>& at, const Floats<W>& v) {
  if (!at.active) return;
#pragma unroll
  for (int i = 0; i < W; i++) part[at.row * tile + at.in_tile + i] = v[i];
}

// Mean and sum of squared deviations of each group of the tile over this block's pixels. `slice` keeps them where SLICE.
template <bool SLICE, int W, typename T>
__device__ void moments(const Norm<T>& n, const TilePlace<W>& at, const T* x, T* slice, float* part, float* mean, float* squares) {
  float count = static_cast<float>(at.end - at.begin) * n.width;
  Floats<W> sum{};
  if (at.active)
    for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
      auto raw = load_raw<W * sizeof(T)>(x + int64_t{pixel} * n.c + at.channel);
      if constexpr (SLICE) store_raw(slice + pixel * n.tile + at.in_tile, raw);
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
      Floats<W> v = load<W>(SLICE ? slice + pixel * n.tile + at.in_tile : x + int64_t{pixel} * n.c + at.channel);
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
__device__ void normalise(const Norm<T>& n, const TilePlace<W>& at, int image, const T* x, const T* slice, T* y, const float* mean,
                          const float* rstd) {
  if (!at.active) return;
  Coefficients<W> k = coefficients(n, at, image, mean, rstd, true);
  for (int pixel = at.begin + at.row; pixel < at.end; pixel += at.rows) {
    int64_t i = int64_t{pixel} * n.c + at.channel;
    Floats<W> v = load<W>(SLICE ? slice + pixel * n.tile + at.in_tile : x + i);
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

// Shared memory: [part: BLOCK*W floats][two values a group, at most one group a channel][slice]
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

// ---- forward ------------------------------------------------------------------------------------------------------------------------

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
  normalise<true>(n, at, image, n.x + first, s.slice, y + first, s.first, s.second);
}

// partial [B,chunks,2,G]: mean and squares of each chunk.
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

// The chunks' moments as one (Chan, Golub and LeVeque 1979), then the normalisation of this block's chunk.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK, NORM_BLOCKS_LEAST) norm_apply_kernel(Norm<T> n, T* y) {
  NormShared<W, T> s(n.tile, 0);
  TilePlace<W> at(n, false);
  int image = blockIdx.z, groups = n.tile / n.width, lane = threadIdx.x % 32, pixels = (n.p + n.chunks - 1) / n.chunks;
  for (int group = threadIdx.x / 32; group < groups; group += BLOCK / 32) {
    const float* in = n.partial + (int64_t{image} * n.chunks + lane) * 2 * n.g + blockIdx.x * groups + group;
    int here = lane < n.chunks ? min(pixels, n.p - lane * pixels) : 0;
    double count = here > 0 ? double(here) * n.width : 0, mean = here > 0 ? in[0] : 0, squares = here > 0 ? in[n.g] : 0;
    double middle = warp_sum(count * mean) * n.one_over_count;
    squares = warp_sum(squares + count * (mean - middle) * (mean - middle));
    if (lane == 0) s.first[group] = static_cast<float>(middle), s.second[group] = static_cast<float>(rsqrt(squares * n.one_over_count + n.eps));
  }
  __syncthreads();
  if (blockIdx.y == 0) keep_statistics(n, image, s.first, s.second);
  int64_t first = int64_t{image} * n.p * n.c;
  normalise<false>(n, at, image, n.x + first, static_cast<const T*>(nullptr), y + first, s.first, s.second);
}

// ---- backward: with x_hat = (x - mean) rstd, u = a x_hat + c, du = dy f'(u), each channel's sums are D1 = sum du, D2 = sum du x_hat,
// and dx = rstd (a du - (m1 + x_hat m2)), m1 and m2 the means over the group of a du and a du x_hat ------------------------------------

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

// Sums of each channel of the tile over the rows: part [2][rows][tile] into totals [2][tile] at sums; a warp a channel.
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

// m1 and m2 of each of the thread's channels' groups, from the channels' sums.
template <int W, typename T>
__device__ __forceinline__ void group_means(const Norm<T>& n, int image, const float* d1, const float* d2, float* m1, float* m2) {
  int groups = n.tile / n.width;
  float count = static_cast<float>(n.p) * n.width;
  if (static_cast<int>(threadIdx.x) < groups) {
    float sum1 = 0, sum2 = 0;
    for (int i = 0; i < n.width; i++) {
      int in_tile = threadIdx.x * n.width + i, channel = blockIdx.x * n.tile + in_tile;
      float factor = n.scale ? 1 + widen(n.scale[(n.scale_rows == 1 ? 0 : int64_t{image} * n.c) + channel]) : 1, a = factor * n.gamma[channel];
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

// From the totals [B,2,C]: dgamma = sum over B of (1 + scale) D2, dbeta the same of D1, dscale = gamma D2 + beta D1, dshift = D1. A block
// takes 32 channels, its eight warps share the images.
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

// ---- launchers -------------------------------------------------------------------------------------------------------------------------

void check_norm(const char* name, int type, const void* scale, const void* shift, int scale_rows, int b, int p, int c, int g) {
  check_type(name, type);
  check(b > 0 && b <= 65535 && p > 0 && g > 0 && c > 0 && c % g == 0, name, ": [", b, ",", p, ",", c, "] in ", g, " groups");
  check((scale == nullptr) == (shift == nullptr), name, ": scale and shift come together or not at all");
  check(scale == nullptr || scale_rows == 1 || scale_rows == b, name, ": ", scale_rows, " rows of scale for a batch of ", b);
}

// body(T{}, integral constant of W): vectors of 16 bytes, or single elements where the channels do not fill them.
template <typename Body>
void by_vectors(const char* name, int type, int c, int g, Body body) {
  by_type(type, [&](auto t) {
    constexpr int WIDE = VECTOR<decltype(t)>;
    int w = c % WIDE == 0 ? WIDE : 1;
    check(std::lcm(c / g, w) / w <= BLOCK, name, ": groups of ", c / g, " channels are too wide");
    if (w == WIDE) body(t, std::integral_constant<int, WIDE>{});
    else body(t, std::integral_constant<int, 1>{});
  });
}

template <typename T, int W>
Norm<T> norm_of(const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, float* mean,
                float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch, int arrays) {
  int tile = norm_tile(b, c, g, W, sizeof(T), p, arrays), chunks = norm_chunks(p);
  auto partial = static_cast<float*>(scratch);
  return {static_cast<const T*>(x),
          gamma,
          beta,
          static_cast<const T*>(scale),
          static_cast<const T*>(shift),
          scale_rows,
          mean,
          rstd,
          p,
          c,
          g,
          c / g,
          tile,
          chunks,
          silu,
          eps,
          1. / (double(p) * (c / g)),
          partial,
          partial + int64_t{b} * chunks * 2 * c};
}

template <typename T>
int64_t slice_bytes(const Norm<T>& n, int arrays) {
  return int64_t{n.p} * n.tile * static_cast<int64_t>(sizeof(T)) * arrays;
}

}  // namespace

int64_t group_norm_scratch(int b, int p, int c) { return int64_t{b} * (norm_chunks(p) + 1) * 2 * c * int64_t{sizeof(float)}; }

void group_norm(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, void* y,
                float* mean, float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch, void* stream) {
  const char* name = "group_norm";
  Range range(name);
  check_norm(name, type, scale, shift, scale_rows, b, p, c, g);
  check_aligned(name, x, y, scratch);
  by_vectors(name, type, c, g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    Norm<T> n = norm_of<T, W>(x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, eps, silu, scratch, 1);
    auto out = static_cast<T*>(y);
    unsigned tiles = c / n.tile, chunks = n.chunks, images = b;
    size_t sums = NormShared<W, T>::bytes(n.tile, 1, 0);
    if (slice_bytes(n, 1) <= SLICE_BYTES)
      return launch(name, norm_slice_kernel<T, W>, dim3(tiles, 1, images), BLOCK, sums + slice_bytes(n, 1), stream, n, out);
    launch(name, norm_moments_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, sums, stream, n);
    launch(name, norm_apply_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, NormShared<W, T>::bytes(n.tile, 0, 0), stream, n, out);
  });
}

void group_norm_backward(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows,
                         float* mean, float* rstd, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift, int b,
                         int p, int c, int g, int silu, void* scratch, void* stream) {
  const char* name = "group_norm_backward";
  Range range(name);
  check_norm(name, type, scale, shift, scale_rows, b, p, c, g);
  check_aligned(name, x, dy, dx, scratch);
  by_vectors(name, type, c, g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    Norm<T> n = norm_of<T, W>(x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, 0, silu, scratch, 2);
    auto up = static_cast<const T*>(dy);
    auto down = static_cast<T*>(dx);
    unsigned tiles = c / n.tile, chunks = n.chunks, images = b;
    size_t sums = NormShared<W, T>::bytes(2 * n.tile, 2, 0);
    if (slice_bytes(n, 2) <= SLICE_BYTES) {
      launch(name, norm_slice_backward_kernel<T, W>, dim3(tiles, 1, images), BLOCK, sums + slice_bytes(n, 2), stream, n, up, down);
    } else {
      launch(name, norm_gradient_sums_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, sums, stream, n, up);
      launch(name, norm_apply_backward_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, NormShared<W, T>::bytes(2 * n.tile, 0, 0), stream, n,
             up, down);
    }
    if (dgamma || dbeta || dscale || dshift)
      launch(name, norm_parameters_kernel<T>, dim3(blocks(c, 32)), BLOCK, 0, stream, n, b, dgamma, dbeta, static_cast<T*>(dscale),
             static_cast<T*>(dshift));
  });
}

}  // namespace fizzy::cuda
