// A convolution's shape, and the bands in which its forward pass is computed, for the primitives of oneDNN.
#pragma once
#include <algorithm>
#include <vector>

#include "common/onednn.h"
#include "kernels/fold/fold.h"

namespace fizzy::convolutions {
using dnnl::memory;
using type_of = memory::data_type;
using tag = memory::format_tag;

struct Shape {
  int batch, height, width, cin, cout, k, stride, top, left, bottom, right;

  void check_it(const char* what) const {
    check(batch > 0 && height > 0 && width > 0 && cin > 0 && cout > 0 && k > 0 && stride > 0 && top >= 0 && left >= 0 && bottom >= 0 &&
              right >= 0 && height + top + bottom >= k && width + left + right >= k,
          what, ": batch ", batch, ", image ", height, "x", width, ", channels ", cin, " to ", cout, ", k ", k, ", stride ", stride,
          ", padding ", top, " ", left, " ", bottom, " ", right);
  }
  int out_height() const { return (height + top + bottom - k) / stride + 1; }
  int out_width() const { return (width + left + right - k) / stride + 1; }
  int64_t pixels() const { return int64_t{batch} * out_height() * out_width(); }
  Window window() const { return {batch, height, width, cin, k, stride, top, left, out_height(), out_width()}; }
  // Whether to unfold the image and multiply matrices: its rows are too narrow to fill oneDNN's registers, and it has enough channels that
  // unfolding costs little. Measured on an AVX-512 machine, f32 at 4x4: 96 channels are faster without unfolding, 192 are equal, from 384
  // on unfolding is faster. The choice does not depend on the batch size, so that an image has the same bits in every batch.
  bool narrow() const {
    constexpr int WIDTH = 4, DEEP = 256;
    return k > 1 && k <= MAX_FOLDED_K && out_width() <= WIDTH && cin >= DEEP && cout >= DEEP && cin <= MAX_UNFOLDED_CHANNELS;
  }
  memory::dims strides() const { return {stride, stride}; }
  memory::dims before() const { return {top, left}; }
  memory::dims after() const { return {bottom, right}; }
  memory::desc x(type_of type) const { return {{batch, cin, height, width}, type, tag::nhwc}; }
  memory::desc y(type_of type) const { return {{batch, cout, out_height(), out_width()}, type, tag::nhwc}; }
  memory::desc weights(type_of type, tag layout) const { return {{cout, cin, k, k}, type, layout}; }
  memory::desc bias(bool wanted) const { return wanted ? memory::desc{{cout}, type_of::f32, tag::a} : memory::desc{}; }

  dnnl::convolution_forward::primitive_desc forward(type_of type, bool bias, const dnnl::primitive_attr& attributes) const {
    return {onednn_engine(),
            dnnl::prop_kind::forward_training,
            dnnl::algorithm::convolution_direct,
            x(type),
            weights(type_of_weights(type), tag::any),
            this->bias(bias),
            y(type_of_result(type)),
            strides(),
            before(),
            after(),
            attributes,
            true};
  }

  dnnl::convolution_forward::primitive_desc forward_in_one_thread(type_of type, bool bias, const dnnl::primitive_attr& attributes) const {
    return for_one_thread([&] { return forward(type, bias, attributes); });
  }

  Shape image() const {
    Shape one = *this;
    one.batch = 1;
    return one;
  }
};

// `count` bands of an image that are convolutions of one shape: the first begins at input row `row` and output row `out_row`, each next one
// `stride` input rows further.
struct Bands {
  Shape shape;
  int row, out_row, stride, count;
  bool continues(const Shape& next) const {
    return next.height == shape.height && next.top == shape.top && next.bottom == shape.bottom && next.out_height() == shape.out_height();
  }
};

// An image is computed in bands of rows, so that a single image keeps several threads busy: the rows of a band of an image of this height
// and width that takes `products` multiplications for each pixel. They depend on the image's shape only.
inline int rows_of_band(int height, int width, int64_t products) {
  constexpr int64_t PIXELS = 256, FLOPS = 64 << 20;
  int64_t pixels = int64_t{height} * width, flops = 2 * pixels * products;
  int64_t count = std::clamp<int64_t>(std::min(pixels / PIXELS, flops / FLOPS), 1, height);
  return static_cast<int>((height + count - 1) / count);
}

inline std::vector<Bands> bands(const Shape& s) {
  int rows = rows_of_band(s.out_height(), s.out_width(), int64_t{s.cin} * s.cout * s.k * s.k);
  std::vector<Bands> all;
  for (int out_row = 0; out_row < s.out_height(); out_row += rows) {
    int begin = out_row * s.stride - s.top, end = (std::min(out_row + rows, s.out_height()) - 1) * s.stride - s.top + s.k;
    Shape band = s.image();
    band.top = std::max(0, -begin);
    band.bottom = std::max(0, end - s.height);
    band.height = end - begin - band.top - band.bottom;
    if (band.height < 1) return {{s.image(), 0, 0, 0, 1}};  // only padding
    if (!all.empty() && all.back().continues(band)) all.back().count++;
    else all.push_back({band, std::max(0, begin), out_row, rows * s.stride, 1});
  }
  return all;
}

}  // namespace fizzy::convolutions
