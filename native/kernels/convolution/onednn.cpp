// Convolution by oneDNN, in NHWC: at this engine's shapes its brgemm convolutions run near the machine's peak in that layout. Floor: 2 B OH
// OW Cout Cin k^2 FLOP over the peak.
#include <algorithm>

#include "common/onednn.h"
#include "fizzy/cpu.h"
#include "kernels/fold/fold.h"

namespace fizzy {
namespace {
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
            weights(type, tag::any),
            this->bias(bias),
            y(type),
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

// An image is computed in bands of output rows, so that a single image keeps several threads busy. Bands depend on the image's shape only.
std::vector<Bands> bands(const Shape& s) {
  constexpr int64_t PIXELS = 256, FLOPS = 64 << 20;
  int64_t pixels = int64_t{s.out_height()} * s.out_width(), flops = 2 * pixels * s.cin * s.cout * s.k * s.k;
  int64_t count = std::clamp<int64_t>(std::min(pixels / PIXELS, flops / FLOPS), 1, s.out_height());
  int rows = static_cast<int>((s.out_height() + count - 1) / count);
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

}  // namespace

Primitive* convolution(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left, int bottom,
                       int right, bool bias, bool residual, bool slope, bool packed) {
  Shape shape{batch, height, width, cin, cout, k, stride, top, left, bottom, right};
  shape.check_it("convolution");
  check(!residual || !slope, "convolution: PReLU and a residual exclude each other");
  auto primitive = std::make_unique<Primitive>();
  memory::desc slopes{{1, cout, 1, 1}, type_of::f32, tag::nhwc};
  if (shape.narrow()) {
    Window window = shape.window();
    int y = primitive->product(type, shape.pixels(), cout, window.taps(), bias, residual, packed, &window);
    if (slope) primitive->prelu(y, slopes);
    primitive->finish(y, Slot::OUTPUT);
    return primitive.release();
  }
  auto attributes = user_scratchpad();
  if (residual) {
    dnnl::post_ops add;
    add.append_sum();
    attributes.set_post_ops(add);
  }
  Shape image = shape.image();
  auto description = primitive->describe(type, "convolution", [&](type_of t) { return image.forward_in_one_thread(t, bias, attributes); });
  auto t = primitive->precision;
  bool within = false;
  if (slope) {
    // If oneDNN would use another implementation for the fused PReLU, PReLU is a separate pass.
    auto followed = user_scratchpad();
    dnnl::post_ops prelu;
    prelu.append_prelu(1 << 1);
    followed.set_post_ops(prelu);
    auto fused = image.forward_in_one_thread(t, bias, followed);
    within = fused && std::string(fused.impl_info_str()) == description.impl_info_str();
    if (within) attributes = followed;
  }
  int x = primitive->input(Slot::FIRST, shape.x(t));
  int y = primitive->output(Slot::OUTPUT, shape.y(t), residual);
  int added = bias ? primitive->operand(Slot::BIAS, shape.bias(true)) : -1;
  int slopes_at = within ? primitive->operand(Slot::SLOPE, slopes) : -1;
  int64_t size = memory::data_type_size(t), row_x = int64_t{width} * cin * size, row_y = int64_t{shape.out_width()} * cout * size;
  std::vector<Bands> parts = bands(shape);
  auto describe_band = [&](const Bands& band) { return band.shape.forward_in_one_thread(t, bias, attributes); };
  if (!std::all_of(parts.begin(), parts.end(), [&](auto& band) { return Primitive::usable(describe_band(band)); }))
    parts = {{image, 0, 0, 0, 1}};
  std::vector<Tiles> tiles;
  for (auto& band : parts) {
    auto d = describe_band(band);
    Tiles of_band{for_one_thread([&] { return dnnl::convolution_forward(d); }), d.scratchpad_desc(), band.count, {}};
    of_band.operands = {
        {DNNL_ARG_SRC, primitive->view(x, d.src_desc(), band.row * row_x), height * row_x, band.stride * row_x},
        {DNNL_ARG_WEIGHTS, primitive->weights(Slot::SECOND, shape.weights(type_of::f32, tag::oihw), d.weights_desc(), packed)},
        {DNNL_ARG_DST, primitive->view(y, d.dst_desc(), band.out_row * row_y), shape.out_height() * row_y, band.shape.out_height() * row_y}};
    if (bias) of_band.operands.push_back({DNNL_ARG_BIAS, added});
    if (within) of_band.operands.push_back({DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_WEIGHTS, slopes_at});
    tiles.push_back(of_band);
  }
  primitive->tiles(batch, tiles);
  if (slope && !within) primitive->prelu(y, slopes);
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

Primitive* convolution_backward_data(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left,
                                     int bottom, int right) {
  Shape shape{batch, height, width, cin, cout, k, stride, top, left, bottom, right};
  shape.check_it("convolution_backward_data");
  auto primitive = std::make_unique<Primitive>();
  if (shape.narrow()) {
    Window window = shape.window();
    primitive->product_backward_data(type, shape.pixels(), cout, window.taps(), &window);
    return primitive.release();
  }
  auto description = primitive->describe(type, "convolution backward data", [&](type_of t) {
    auto hint = shape.forward(t, false, {});
    if (!hint) return dnnl::convolution_backward_data::primitive_desc();
    return dnnl::convolution_backward_data::primitive_desc(onednn_engine(), dnnl::algorithm::convolution_direct, shape.x(t),
                                                           shape.weights(t, tag::any), shape.y(t), shape.strides(), shape.before(),
                                                           shape.after(), hint, user_scratchpad(), true);
  });
  auto t = primitive->precision;
  int dy = primitive->input(Slot::FIRST, shape.y(t));
  int w = primitive->weights(Slot::SECOND, shape.weights(type_of::f32, tag::oihw), description.weights_desc(), false);
  int dx = primitive->output(Slot::OUTPUT, shape.x(t), false);
  primitive->execute(dnnl::convolution_backward_data(description), description.scratchpad_desc(),
                     {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_SRC, dx}});
  primitive->finish(dx, Slot::OUTPUT);
  return primitive.release();
}

Primitive* convolution_backward_weights(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left,
                                        int bottom, int right, bool bias) {
  Shape shape{batch, height, width, cin, cout, k, stride, top, left, bottom, right};
  shape.check_it("convolution_backward_weights");
  auto primitive = std::make_unique<Primitive>();
  // Measured on AVX2, batch 8: unfolding raises 768 channels at 4x4 from 31 to 65 GFLOP/s per core, 384 at 8x8 from 45 to 60; from 192
  // channels at 16x16 on, writing the unfolded image costs more than it saves.
  bool unfold = k > 1 && shape.pixels() <= 2 * cout && cin <= MAX_UNFOLDED_CHANNELS;
  auto gradient = unfold ? &Primitive::unfolded_weight_gradient : &Primitive::convolution_weight_gradient;
  (primitive.get()->*gradient)(type, Slot::SECOND, cout, Slot::FIRST, shape.window());
  if (bias) primitive->column_sum(Slot::SECOND, shape.pixels(), cout);
  return primitive.release();
}

}  // namespace fizzy
