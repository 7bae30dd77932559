// A thread takes one vector of channels of four neighboring pixels, which share the loads of the weights. Floor: one read of x and one write
// of y over bandwidth; x is read from the caches where windows overlap.
#include "kernels/depthwise_convolution/depthwise_convolution.h"
#include "kernels/prelu/columns.cuh"

namespace fizzy::cuda {
namespace {

constexpr int PIXELS = 4;

// The source coordinate, or -1 where there is no pixel.
__device__ __forceinline__ int source_of(int at, int dilation, int extent) {
  if (at < 0 || at % dilation != 0) return -1;
  at /= dilation;
  return at < extent ? at : -1;
}

template <typename T, int W>
__global__ void __launch_bounds__(BLOCK)
    depthwise_convolution_kernel(DepthwiseSum s, const T* source, const float* bias, const float* slope, T* to, int64_t units) {
  int64_t unit = int64_t{blockIdx.x} * BLOCK + threadIdx.x;
  if (unit >= units) return;
  int vectors = s.c / W, groups = (s.w + PIXELS - 1) / PIXELS;
  int64_t group = unit / vectors, row = group / groups, image = row / s.h;
  int channel = static_cast<int>(unit - group * vectors) * W, first = static_cast<int>(group - row * groups) * PIXELS;
  int top = static_cast<int>(row - image * s.h) * s.stride - s.top, left = first * s.stride - s.left;
  Floats<W> sum[PIXELS] = {};
  if (bias) {
    Floats<W> start = load<W>(bias + channel);
#pragma unroll
    for (int n = 0; n < PIXELS; n++) sum[n] = start;
  }
  for (int p = 0; p < s.kh; p++) {
    int from_row = source_of(top + p, s.dilation, s.source_h);
    if (from_row < 0) continue;
    const T* line = source + (image * s.source_h + from_row) * s.source_w * s.c + channel;
    for (int q = 0; q < s.kw; q++) {
      Floats<W> weights = load<W>(s.filter + (int64_t{p} * s.kw + q) * s.next + channel);
#pragma unroll
      for (int n = 0; n < PIXELS; n++) {
        int column = source_of(left + n * s.stride + q, s.dilation, s.source_w);
        if (column < 0) continue;
        Floats<W> x = load<W>(line + int64_t{column} * s.c);
#pragma unroll
        for (int k = 0; k < W; k++) sum[n][k] = fmaf(x[k], weights[k], sum[n][k]);
      }
    }
  }
  Floats<W> negative;
#pragma unroll
  for (int k = 0; k < W; k++) negative[k] = 1;
  if (slope) negative = load<W>(slope + channel);
#pragma unroll
  for (int n = 0; n < PIXELS; n++) {
    if (first + n >= s.w) continue;
#pragma unroll
    for (int k = 0; k < W; k++) sum[n][k] = sum[n][k] > 0 ? sum[n][k] : sum[n][k] * negative[k];
    store_whole(to + (row * s.w + first + n) * s.c + channel, pack<T>(sum[n]));
  }
}

// This chunk's part of the gradient of tap blockIdx.z of the filter; after the last tap comes the bias.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK)
    depthwise_gradient_kernel(Backend::DepthwiseConvolution o, const T* x, const T* dy, float* partial, int64_t rows, int64_t chunk) {
  __shared__ float sums[COLUMN_BANDS][COLUMN_LANES * W];
  ColumnPart<W> at(rows, o.c, chunk);
  int tap = static_cast<int>(blockIdx.z), taps = o.kh * o.kw, p = tap / o.kw, q = tap - p * o.kw;
  Floats<W> sum{};
  if (at.there)
    for (int64_t r = at.first + at.band; r < at.end; r += COLUMN_BANDS) {
      int64_t line = r / o.ow, image = line / o.oh;
      int row = static_cast<int>(line - image * o.oh) * o.stride - o.top + p, column = static_cast<int>(r - line * o.ow) * o.stride - o.left + q;
      bool inside = row >= 0 && row < o.h && column >= 0 && column < o.w;
      if (tap < taps && !inside) continue;
      Floats<W> d = load<W>(dy + r * o.c + at.column), v;
      if (tap < taps) v = load<W>(x + ((image * o.h + row) * o.w + column) * o.c + at.column);
#pragma unroll
      for (int k = 0; k < W; k++) sum[k] = tap < taps ? fmaf(v[k], d[k], sum[k]) : sum[k] + d[k];
    }
  sum_bands(sum, sums, at);
  if (at.band == 0 && at.there) store(partial + (int64_t{blockIdx.y} * gridDim.z + tap) * o.c + at.column, sum);
}

// Adds up the chunks in their order.
struct GradientSum {
  const float* partial;
  float *dfilter, *dbias;
  int64_t chunks, count, taps;
  template <int>
  __device__ void at(int64_t i) const {
    double sum = 0;
    for (int64_t k = 0; k < chunks; k++) sum += partial[k * count + i];
    if (i < taps && dfilter) dfilter[i] = static_cast<float>(sum);
    if (i >= taps && dbias) dbias[i - taps] = static_cast<float>(sum);
  }
};

void sums(const char* name, const DepthwiseSum& s, int type, int b, const void* source, const float* bias, const float* slope, void* to,
          void* stream) {
  by_columns(type, s.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    int64_t units = int64_t{b} * s.h * ((s.w + PIXELS - 1) / PIXELS) * (s.c / W);
    launch(name, depthwise_convolution_kernel<T, W>, dim3(blocks(units, BLOCK)), BLOCK, 0, stream, s, static_cast<const T*>(source), bias, slope,
           static_cast<T*>(to), units);
  });
}

int64_t pixels(const Backend::DepthwiseConvolution& o) { return int64_t{o.b} * o.oh * o.ow; }

}  // namespace

int64_t scratch_bytes(const Backend::DepthwiseConvolutionBackward& o) {
  return row_chunks(pixels(o.forward)) * depthwise_sums(o.forward) * int64_t{sizeof(float)};
}

void depthwise_convolution(const Backend::DepthwiseConvolution& o, void* stream) {
  check_aligned("depthwise_convolution", o.x, o.filter, o.bias, o.slope, o.y);
  sums("depthwise_convolution", depthwise_sum(o), o.type, o.b, o.x, o.bias, o.slope, o.y, stream);
}

void depthwise_convolution_backward(const Backend::DepthwiseConvolutionBackward& call, void* stream) {
  const char* name = "depthwise_convolution_backward";
  const auto& o = call.forward;
  check_aligned(name, o.x, o.filter, call.dy, call.dx, call.dfilter, call.dbias, call.scratch);
  if (call.dx) sums(name, depthwise_sum(call), o.type, o.b, call.dy, nullptr, nullptr, call.dx, stream);
  if (!call.dfilter && !call.dbias) return;
  auto partial = static_cast<float*>(call.scratch);
  int64_t rows = pixels(o), taps = int64_t{o.kh} * o.kw;
  by_columns(o.type, o.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    dim3 grid = column_grid<T, W>(rows, o.c);
    grid.z = static_cast<unsigned>(taps + 1);
    launch(name, depthwise_gradient_kernel<T, W>, grid, BLOCK, 0, stream, o, static_cast<const T*>(o.x), static_cast<const T*>(call.dy), partial,
           rows, chunk_rows(rows));
  });
  int64_t count = depthwise_sums(o);
  pointwise<1>(name, GradientSum{partial, call.dfilter, call.dbias, row_chunks(rows), count, taps * o.c}, count, stream);
}

}  // namespace fizzy::cuda
