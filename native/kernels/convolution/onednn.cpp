// Convolution through oneDNN, NHWC as it comes: on this engine's shapes its brgemm convolutions run near the machine's peak in
// that layout. Floor: 2 B OH OW Cout Cin k^2 FLOP over the peak.
#include "common/onednn.h"
#include "fizzy/kernels.h"
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
  // An image so narrow that a row of it does not fill oneDNN's registers, and so deep that unfolding costs little: on an AVX-512
  // machine, f32 at 4x4, 96 channels are faster as they are, 192 as fast, from 384 on unfolded wins. The batch has no say: an image
  // has the same bits in all.
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
};

}  // namespace

Primitive* convolution(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left, int bottom,
                       int right, bool bias, bool residual, bool slope, bool packed) {
  Shape shape{batch, height, width, cin, cout, k, stride, top, left, bottom, right};
  shape.check_it("convolution");
  check(!residual || !slope, "convolution: either a residual or PReLU follows, not both");
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
  auto description = primitive->describe(type, "convolution", [&](type_of t) { return shape.forward(t, bias, attributes); });
  bool within = false;
  if (slope) {
    // Where oneDNN would take another implementation for it, PReLU is a pass of its own.
    auto followed = user_scratchpad();
    dnnl::post_ops prelu;
    prelu.append_prelu(1 << 1);
    followed.set_post_ops(prelu);
    auto fused = shape.forward(primitive->precision, bias, followed);
    within = fused && std::string(fused.impl_info_str()) == description.impl_info_str();
    if (within) description = fused;
  }
  auto t = primitive->precision;
  int x = primitive->input(Slot::FIRST, shape.x(t));
  int w = primitive->weights(Slot::SECOND, shape.weights(type_of::f32, tag::oihw), description.weights_desc(), packed);
  int y = primitive->output(Slot::OUTPUT, shape.y(t), residual);
  std::vector<std::pair<int, int>> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}};
  if (bias) arguments.push_back({DNNL_ARG_BIAS, primitive->operand(Slot::BIAS, shape.bias(true))});
  if (within) arguments.push_back({DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_WEIGHTS, primitive->operand(Slot::SLOPE, slopes)});
  primitive->execute(dnnl::convolution_forward(description), description.scratchpad_desc(), arguments);
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
  // Measured on AVX2, batch 8: 768 channels at 4x4 31 -> 65 GFLOP/s a core, 384 at 8x8 45 -> 60; from 192 at 16x16 on, writing
  // the unfolded image costs more than it gains.
  if (k > 1 && shape.pixels() <= 2 * cout && cin <= MAX_UNFOLDED_CHANNELS) {
    primitive->unfolded_weight_gradient(type, Slot::SECOND, cout, Slot::FIRST, shape.window());
    if (bias) primitive->column_sum(Slot::SECOND, shape.pixels(), cout);
    return primitive.release();
  }
  auto description = primitive->describe(type, "convolution backward weights", [&](type_of t) {
    auto hint = shape.forward(t, bias, {});
    if (!hint) return dnnl::convolution_backward_weights::primitive_desc();
    return dnnl::convolution_backward_weights::primitive_desc(onednn_engine(), dnnl::algorithm::convolution_direct, shape.x(t),
                                                              shape.weights(type_of::f32, tag::any), shape.bias(bias), shape.y(t),
                                                              shape.strides(), shape.before(), shape.after(), hint, user_scratchpad(), true);
  });
  auto t = primitive->precision;
  auto published = shape.weights(type_of::f32, tag::oihw);
  int x = primitive->input(Slot::FIRST, shape.x(t));
  int dy = primitive->input(Slot::SECOND, shape.y(t));
  int dw = primitive->weight_gradient(published, description.diff_weights_desc());
  std::vector<std::pair<int, int>> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_WEIGHTS, dw}};
  if (bias) arguments.push_back({DNNL_ARG_DIFF_BIAS, primitive->operand(Slot::BIAS_GRADIENT, shape.bias(true))});
  primitive->execute(dnnl::convolution_backward_weights(description), description.scratchpad_desc(), arguments);
  primitive->publish(dw, published);
  return primitive.release();
}

}  // namespace fizzy
