// Floor: one read of x and one write of y; the rows that windows share are read from the caches. Neighboring pixels of a row share loads of
// pixels and weights. Every sum runs over the taps in their order, whatever the block it is computed in.
#include <algorithm>

#include "common/channels.h"
#include "kernels/depthwise_convolution/depthwise_convolution.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int PIXELS = 4;

// The taps first, first + step, ... below end whose source lies inside one axis.
struct Range {
  int first, end, step;
  // `begin` is the source coordinate of tap 0, before the division by the dilation.
  Range(int begin, int taps, int extent, int dilation) : step(dilation) {
    first = std::max(0, -begin);
    first += (dilation - (begin + first) % dilation) % dilation;
    end = std::min(taps, (extent - 1) * dilation - begin + 1);
  }
};

// PReLU where there is a slope.
template <typename In>
vfloat activated(vfloat v, const float* slope, In in) {
  return slope ? (v > 0 ? v : v * in(slope)) : v;
}

// Pixel (i, j) of the result. Only a DILATED source divides its coordinates.
template <bool DILATED, typename T>
void pixel(const DepthwiseSum& s, const T* source, int i, int j, const float* bias, const float* slope, T* to) {
  int top = i * s.stride - s.top, left = j * s.stride - s.left;
  Range rows(top, s.kh, s.source_h, s.dilation), columns(left, s.kw, s.source_w, s.dilation);
  channels(s.c, [&](auto in, auto out) {
    vfloat sum = bias ? in(bias) : vfloat{};
    for (int p = rows.first; p < rows.end; p += rows.step) {
      const T* row = source + int64_t{DILATED ? (top + p) / s.dilation : top + p} * s.source_w * s.c;
      const float* taps = s.filter + int64_t{p} * s.kw * s.next;
      for (int q = columns.first; q < columns.end; q += columns.step)
        sum = fma(in(row + int64_t{DILATED ? (left + q) / s.dilation : left + q} * s.c), in(taps + q * s.next), sum);
    }
    out(to, activated(sum, slope, in));
  });
}

// Pixels (i, j) to (i, j + 3), for filters of K columns, all of them inside the image, and a stride of S. A row of the source is loaded
// once for all its taps.
template <int K, int S, typename T>
void block(const DepthwiseSum& s, const T* source, int i, int j, const float* bias, const float* slope, T* to) {
  constexpr int SPAN = (PIXELS - 1) * S + K;
  int top = i * S - s.top;
  Range rows(top, s.kh, s.source_h, 1);
  const int64_t c = s.c, line = s.source_w * c, next = s.next;
  const T* from = source + (top + rows.first) * line + (j * S - s.left) * c;
  const float* first = s.filter + rows.first * K * next;
  const int count = rows.end - rows.first;
  channels(s.c, [&](auto in, auto out) {
    vfloat sum[PIXELS], start = bias ? in(bias) : vfloat{};
    for (int n = 0; n < PIXELS; n++) sum[n] = start;
    const T* row = from;
    const float* taps = first;
    for (int p = 0; p < count; p++, row += line, taps += K * next) {
      vfloat x[SPAN];
      for (int k = 0; k < SPAN; k++) x[k] = in(row + k * c);
      for (int q = 0; q < K; q++) {
        vfloat weights = in(taps + q * next);
        for (int n = 0; n < PIXELS; n++) sum[n] = fma(x[n * S + q], weights, sum[n]);
      }
    }
    for (int n = 0; n < PIXELS; n++) out(to + n * c, activated(sum[n], slope, in));
  });
}

// The pixels of row i of the result; in blocks where K > 0.
template <int K, int S, bool DILATED, typename T>
void row(const DepthwiseSum& s, const T* source, int i, const float* bias, const float* slope, T* to) {
  // Pixels [inside, past) have all their columns inside the image.
  int inside = (s.left + s.stride - 1) / s.stride, past = (s.source_w - s.kw + s.left) / s.stride + 1;
  bool blocks = K > 0 && s.left >= 0 && s.source_w >= s.kw;
  for (int j = 0; j < s.w;) {
    T* at = to + int64_t{j} * s.c;
    if constexpr (K > 0)
      if (blocks && j >= inside && j + PIXELS <= std::min(past, s.w)) {
        block<K, S>(s, source, i, j, bias, slope, at);
        j += PIXELS;
        continue;
      }
    pixel<DILATED>(s, source, i, j++, bias, slope, at);
  }
}

template <typename T>
void image_rows(const DepthwiseSum& s, int b, const void* source, const float* bias, const float* slope, void* to) {
  auto run = [&](auto of_row) {
    parallel_for(int64_t{b} * s.h, [&](int64_t index) {
      auto from = static_cast<const T*>(source) + index / s.h * s.source_h * s.source_w * s.c;
      of_row(s, from, static_cast<int>(index % s.h), bias, slope, static_cast<T*>(to) + index * s.w * s.c);
    });
  };
  if (s.dilation > 1) return run(row<0, 0, true, T>);
  if (s.kw == 1 && s.stride == 1) return run(row<1, 1, false, T>);
  if (s.kw == 3 && s.stride == 1) return run(row<3, 1, false, T>);
  if (s.kw == 3 && s.stride == 2) return run(row<3, 2, false, T>);
  if (s.kw == 5 && s.stride == 1) return run(row<5, 1, false, T>);
  if (s.kw == 5 && s.stride == 2) return run(row<5, 2, false, T>);
  run(row<0, 0, false, T>);
}

// Adds the products of row i of one image to the sums [kh kw + 1, c].
template <typename T>
void row_gradient(const Backend::DepthwiseConvolution& o, const T* x, const T* dy, int i, float* sums) {
  for (int p = 0; p < o.kh; p++)
    for (int q = 0; q < o.kw; q++) {
      int row = i * o.stride - o.top + p, begin = std::max(0, (o.left - q + o.stride - 1) / o.stride);
      int end = std::min(o.ow, (o.w - 1 + o.left - q) / o.stride + 1);
      if (row < 0 || row >= o.h || o.w - 1 + o.left < q) continue;
      const T* from = x + (int64_t{row} * o.w - o.left + q) * o.c;
      float* sum = sums + (int64_t{p} * o.kw + q) * o.c;
      channels(o.c, [&](auto in, auto out) {
        vfloat total = in(sum);
        for (int j = begin; j < end; j++) total = fma(in(from + int64_t{j} * o.stride * o.c), in(dy + int64_t{j} * o.c), total);
        out(sum, total);
      });
    }
  float* bias = sums + int64_t{o.kh} * o.kw * o.c;
  channels(o.c, [&](auto in, auto out) {
    vfloat total = in(bias);
    for (int j = 0; j < o.ow; j++) total += in(dy + int64_t{j} * o.c);
    out(bias, total);
  });
}

template <typename T>
void filter_gradient(const Backend::DepthwiseConvolutionBackward& call) {
  const auto& o = call.forward;
  int64_t count = depthwise_sums(o), bands = cpu::depthwise_bands(o), per_image = bands / o.b;
  auto sums = static_cast<double*>(call.scratch);
  float* partial = reinterpret_cast<float*>(sums + count);
  parallel_for(bands, [&](int64_t band) {
    int64_t image = band / per_image, first = band % per_image * cpu::DEPTHWISE_BAND;
    float* sum = partial + band * count;
    std::memset(sum, 0, count * sizeof(float));
    auto x = static_cast<const T*>(o.x) + image * o.h * o.w * o.c;
    for (int64_t i = first; i < std::min<int64_t>(o.oh, first + cpu::DEPTHWISE_BAND); i++)
      row_gradient(o, x, static_cast<const T*>(call.dy) + (image * o.oh + i) * o.ow * o.c, static_cast<int>(i), sum);
  });
  sum_chunks(partial, bands, 1, static_cast<int>(count), &sums);
  int64_t taps = count - o.c;
  for (int64_t i = 0; call.dfilter && i < taps; i++) call.dfilter[i] = static_cast<float>(sums[i]);
  for (int64_t i = 0; call.dbias && i < o.c; i++) call.dbias[i] = static_cast<float>(sums[taps + i]);
}

}  // namespace

void depthwise_convolution(const Backend::DepthwiseConvolution& o) {
  by_type(o.type, [&](auto t) { image_rows<decltype(t)>(depthwise_sum(o), o.b, o.x, o.bias, o.slope, o.y); });
}

void depthwise_convolution_backward(const Backend::DepthwiseConvolutionBackward& o) {
  by_type(o.forward.type, [&](auto t) {
    using T = decltype(t);
    if (o.dx) image_rows<T>(depthwise_sum(o), o.forward.b, o.dy, nullptr, nullptr, o.dx);
    if (o.dfilter || o.dbias) filter_gradient<T>(o);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
