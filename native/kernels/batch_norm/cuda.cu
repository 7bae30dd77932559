// Batch norm followed by PReLU or a residual (batch_norm.h). The first launch computes moments of chunks of rows, the second combines them
// (Chan, Golub and LeVeque 1979), the third normalizes. Floor: two reads and one write an element over bandwidth, backward four reads and
// one write.
#include "kernels/batch_norm/batch_norm.h"
#include "kernels/prelu/columns.cuh"

namespace fizzy::cuda {
namespace {

// Mean and sum of squared deviations of each chunk: partial [chunks,2,C]. The second pass over a chunk reads from the caches.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK) batch_moments_kernel(const T* x, float* partial, int64_t rows, int c, int64_t chunk) {
  __shared__ float sums[COLUMN_BANDS][COLUMN_LANES * W];
  ColumnPart<W> at(rows, c, chunk);
  Floats<W> mean{}, squares{};
  float count = static_cast<float>(at.end - at.first);
  if (at.there)
    for (int64_t r = at.first + at.band; r < at.end; r += COLUMN_BANDS) {
      Floats<W> v = load<W>(x + r * c + at.column);
#pragma unroll
      for (int k = 0; k < W; k++) mean[k] += v[k];
    }
  sum_bands(mean, sums, at);
#pragma unroll
  for (int k = 0; k < W; k++) mean[k] /= count;
  if (at.there)
    for (int64_t r = at.first + at.band; r < at.end; r += COLUMN_BANDS) {
      Floats<W> v = load<W>(x + r * c + at.column);
#pragma unroll
      for (int k = 0; k < W; k++) squares[k] = fmaf(v[k] - mean[k], v[k] - mean[k], squares[k]);
    }
  sum_bands(squares, sums, at);
  if (at.band != 0 || !at.there) return;
  float* out = partial + blockIdx.y * int64_t{2} * c + at.column;
  store(out, mean);
  store(out + c, squares);
}

struct BatchMoments {
  Backend::BatchNorm o;
  int64_t chunk, chunks;
  double one_over_rows, one_over_others;  // 1/R and 1/(R-1): divisions of doubles are calls on a GPU
  template <int>
  __device__ void at(int64_t i) const {
    auto partial = static_cast<const float*>(o.scratch) + i;
    double sum = 0, squares = 0;
    auto rows_of = [&](int64_t k) { return static_cast<double>(k + 1 < chunks ? chunk : o.rows - k * chunk); };
    for (int64_t k = 0; k < chunks; k++) sum += rows_of(k) * partial[k * 2 * o.c];
    double middle = sum * one_over_rows;
    for (int64_t k = 0; k < chunks; k++) {
      double off = partial[k * 2 * o.c] - middle;
      squares += partial[k * 2 * o.c + o.c] + rows_of(k) * off * off;
    }
    o.mean[i] = static_cast<float>(middle);
    o.rstd[i] = static_cast<float>(rsqrt(squares * one_over_rows + o.eps));
    o.running_mean[i] = static_cast<float>((1 - double{o.momentum}) * o.running_mean[i] + o.momentum * middle);
    o.running_variance[i] = static_cast<float>((1 - double{o.momentum}) * o.running_variance[i] + o.momentum * squares * one_over_others);
  }
};

struct RunningMoments {
  Backend::BatchNorm o;
  template <int>
  __device__ void at(int64_t i) const {
    o.mean[i] = o.running_mean[i];
    o.rstd[i] = static_cast<float>(rsqrt(double{o.running_variance[i]} + o.eps));
  }
};

template <typename T, int WIDTH>
struct BatchValues {
  Backend::BatchNorm o;
  template <int>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH;
    int channel = static_cast<int>(i % o.c);
    Floats<WIDTH> v = load<WIDTH>(static_cast<const T*>(o.x) + i), m = load<WIDTH>(o.mean + channel), r = load<WIDTH>(o.rstd + channel),
                  g = load<WIDTH>(o.gamma + channel), b = load<WIDTH>(o.beta + channel), s{}, add{};
    if (o.slope) s = load<WIDTH>(o.slope + channel);
    if (o.residual) add = load<WIDTH>(static_cast<const T*>(o.residual) + i);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      float u = fmaf(v[k] - m[k], g[k] * r[k], b[k]);
      if (o.slope && !(u > 0)) u *= s[k];
      v[k] = o.residual ? u + add[k] : u;
    }
    store(static_cast<T*>(o.y) + i, v);
  }
};

template <typename T>
struct BatchSide {
  const T* x;
  const float *gamma, *beta, *slope, *mean, *rstd;
  const T* dy;
  int64_t rows;
  int c;
};

// Replaces x by x_hat and dy by du; returns element k's contribution to dslope.
template <int W, typename T>
__device__ __forceinline__ void batch_slopes(const BatchSide<T>& n, int64_t i, int64_t channel, Floats<W>& hat, Floats<W>& up, Floats<W>& bent) {
  hat = load<W>(n.x + i);
  up = load<W>(n.dy + i);
  Floats<W> m = load<W>(n.mean + channel), r = load<W>(n.rstd + channel), g, b, s;
  if (n.slope) g = load<W>(n.gamma + channel), b = load<W>(n.beta + channel), s = load<W>(n.slope + channel);
#pragma unroll
  for (int k = 0; k < W; k++) {
    hat[k] = (hat[k] - m[k]) * r[k];
    bent[k] = 0;
    if (!n.slope) continue;
    float u = fmaf(g[k], hat[k], b[k]);
    if (!(u > 0)) bent[k] = up[k] * u, up[k] *= s[k];
  }
}

// Sums of du, du x_hat and dslope over each chunk: partial [chunks,3,C].
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK) batch_gradient_sums_kernel(BatchSide<T> n, float* partial, int64_t chunk) {
  __shared__ float sums[COLUMN_BANDS][COLUMN_LANES * W];
  ColumnPart<W> at(n.rows, n.c, chunk);
  Floats<W> d1{}, d2{}, d3{};
  if (at.there)
    for (int64_t r = at.first + at.band; r < at.end; r += COLUMN_BANDS) {
      Floats<W> hat, up, bent;
      batch_slopes<W>(n, r * n.c + at.column, at.column, hat, up, bent);
#pragma unroll
      for (int k = 0; k < W; k++) d1[k] += up[k], d2[k] = fmaf(up[k], hat[k], d2[k]), d3[k] += bent[k];
    }
  sum_bands(d1, sums, at);
  sum_bands(d2, sums, at);
  sum_bands(d3, sums, at);
  if (at.band != 0 || !at.there) return;
  float* out = partial + blockIdx.y * int64_t{3} * n.c + at.column;
  store(out, d1);
  store(out + n.c, d2);
  store(out + 2 * n.c, d3);
}

// Totals [2,C] of the first two sums, and the parameters' gradients.
struct BatchTotals {
  const float* partial;
  float *totals, *dgamma, *dbeta, *dslope;
  int64_t chunks, c;
  template <int>
  __device__ void at(int64_t i) const {
    double sum[3] = {};
    for (int64_t k = 0; k < chunks; k++)
#pragma unroll
      for (int j = 0; j < 3; j++) sum[j] += partial[(3 * k + j) * c + i];
    totals[i] = static_cast<float>(sum[0]);
    totals[c + i] = static_cast<float>(sum[1]);
    if (dbeta) dbeta[i] = static_cast<float>(sum[0]);
    if (dgamma) dgamma[i] = static_cast<float>(sum[1]);
    if (dslope) dslope[i] = static_cast<float>(sum[2]);
  }
};

template <typename T, int WIDTH>
struct BatchInputGradient {
  BatchSide<T> n;
  const float* totals;
  T* dx;
  float one_over_rows;
  template <int>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, channel = i % n.c;
    Floats<WIDTH> hat, up, bent, g = load<WIDTH>(n.gamma + channel), r = load<WIDTH>(n.rstd + channel), d1 = load<WIDTH>(totals + channel),
                                 d2 = load<WIDTH>(totals + n.c + channel);
    batch_slopes<WIDTH>(n, i, channel, hat, up, bent);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) up[k] = g[k] * r[k] * (up[k] - d1[k] * one_over_rows - hat[k] * (d2[k] * one_over_rows));
    store(dx + i, up);
  }
};

// y from x and the statistics.
void batch_values(const Backend::BatchNorm& n, void* stream) {
  by_columns(n.type, n.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    pointwise<1>("batch_norm", BatchValues<T, W>{n}, n.rows * n.c / W, stream);
  });
}

void batch_moments(const Backend::BatchNorm& n, void* stream) {
  auto partial = static_cast<float*>(n.scratch);
  by_columns(n.type, n.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    launch("batch_norm", batch_moments_kernel<T, W>, column_grid<T, W>(n.rows, n.c), BLOCK, 0, stream, static_cast<const T*>(n.x), partial,
           n.rows, n.c, chunk_rows(n.rows));
  });
  pointwise<1>("batch_norm", BatchMoments{n, chunk_rows(n.rows), row_chunks(n.rows), 1. / n.rows, 1. / (n.rows - 1)}, n.c, stream);
}

}  // namespace

int64_t scratch_bytes(const Backend::BatchNorm& n) { return (3 * row_chunks(n.rows) + 2) * n.c * int64_t{sizeof(float)} + 16; }
int64_t scratch_bytes(const Backend::BatchNormBackward& o) { return scratch_bytes(o.forward); }

void batch_norm(const Backend::BatchNorm& n, void* stream) {
  check_aligned("batch_norm", n.x, n.gamma, n.beta, n.slope, n.residual, n.y, n.mean, n.rstd, n.scratch);
  if (n.training) batch_moments(n, stream);
  else pointwise<1>("batch_norm", RunningMoments{n}, n.c, stream);
  batch_values(n, stream);
}

void batch_norm_backward(const Backend::BatchNormBackward& o, void* stream) {
  const char* name = "batch_norm_backward";
  const Backend::BatchNorm& f = o.forward;
  check_aligned(name, f.x, f.gamma, f.beta, f.slope, f.mean, f.rstd, o.dy, o.dx, f.scratch);
  int64_t chunks = row_chunks(f.rows);
  auto partial = static_cast<float*>(f.scratch), totals = partial + (3 * chunks * f.c + 3) / 4 * 4;
  by_columns(f.type, f.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    BatchSide<T> n{static_cast<const T*>(f.x), f.gamma, f.beta, f.slope, f.mean, f.rstd, static_cast<const T*>(o.dy), f.rows, f.c};
    launch(name, batch_gradient_sums_kernel<T, W>, column_grid<T, W>(f.rows, f.c), BLOCK, 0, stream, n, partial, chunk_rows(f.rows));
    pointwise<1>(name, BatchTotals{partial, totals, o.dgamma, o.dbeta, f.slope ? o.dslope : nullptr, chunks, f.c}, f.c, stream);
    if (o.dx)
      pointwise<1>(name, BatchInputGradient<T, W>{n, totals, static_cast<T*>(o.dx), static_cast<float>(1. / f.rows)}, f.rows * f.c / W, stream);
  });
}

}  // namespace fizzy::cuda
