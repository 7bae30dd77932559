// A convolution of each channel with a filter of its own, kh x kw: y[i,j] = bias + sum x[i s - top + p, j s - left + q] filter[p,q], then
// PReLU where there is a slope. Taps outside the image are zero.
#pragma once
#include <cstdint>

#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

// What forward and the gradient of x have in common: pixel (i, j) of the result is the sum over taps (p, q) of the filter times the source's
// pixel ((i stride - top + p) / dilation, (j stride - left + q) / dilation), where that is a pixel.
struct DepthwiseSum {
  const float* filter;  // of the first tap
  int64_t next;         // from one tap to the next: c, or -c from the last tap to the first
  int kh, kw, stride, dilation, top, left;
  int source_h, source_w, h, w, c;
};
inline DepthwiseSum depthwise_sum(const Backend::DepthwiseConvolution& o) {
  return {o.filter, o.c, o.kh, o.kw, o.stride, 1, o.top, o.left, o.h, o.w, o.oh, o.ow, o.c};
}
inline DepthwiseSum depthwise_sum(const Backend::DepthwiseConvolutionBackward& o) {
  const auto& f = o.forward;
  const float* last = f.filter + (int64_t{f.kh} * f.kw - 1) * f.c;
  return {last, -int64_t{f.c}, f.kh, f.kw, 1, f.stride, f.kh - 1 - f.top, f.kw - 1 - f.left, f.oh, f.ow, f.h, f.w, f.c};
}

// The sums that make up the gradients of the filter and the bias: a row of channels for each tap, then one for the bias.
inline int64_t depthwise_sums(const Backend::DepthwiseConvolution& o) { return (int64_t{o.kh} * o.kw + 1) * o.c; }

inline void validate(const Backend::DepthwiseConvolution& o) {
  check(o.b > 0 && o.h > 0 && o.w > 0 && o.c > 0 && o.kh > 0 && o.kw > 0 && o.stride > 0 && o.top >= 0 && o.left >= 0 && o.oh > 0 && o.ow > 0,
        "depthwise_convolution: filters of ", o.kh, "x", o.kw, " every ", o.stride, " pixels from ", -o.top, ",", -o.left, " over [", o.b, ",",
        o.h, ",", o.w, ",", o.c, "] to ", o.oh, "x", o.ow);
}
inline void validate(const Backend::DepthwiseConvolutionBackward& o) { validate(o.forward); }

template <typename Mark>
void outputs(const Backend::DepthwiseConvolution& o, Mark mark) {
  mark(o.y, o.type, int64_t{o.b} * o.oh * o.ow * o.c);
}
template <typename Mark>
void outputs(const Backend::DepthwiseConvolutionBackward& o, Mark mark) {
  const auto& f = o.forward;
  mark(o.dx, f.type, int64_t{f.b} * f.h * f.w * f.c);
  mark(o.dfilter, int64_t{f.kh} * f.kw * f.c);
  mark(o.dbias, f.c);
}

namespace cpu {
// Bands of output rows, each with a partial sum: they depend on the shape alone.
constexpr int DEPTHWISE_BAND = 8;
inline int64_t depthwise_bands(const Backend::DepthwiseConvolution& o) { return int64_t{o.b} * ((o.oh + DEPTHWISE_BAND - 1) / DEPTHWISE_BAND); }
inline int64_t scratch_bytes(const Backend::DepthwiseConvolutionBackward& o) {
  return depthwise_sums(o.forward) * (int64_t{sizeof(double)} + depthwise_bands(o.forward) * int64_t{sizeof(float)});
}
}  // namespace cpu

}  // namespace fizzy
