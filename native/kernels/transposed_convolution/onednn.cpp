// Transposed convolution by oneDNN's deconvolution, NHWC. Floor: 2 B H W Cin Cout k^2 FLOP over the peak.
#include "common/onednn.h"
#include "fizzy/cpu.h"

namespace fizzy {
namespace {
using dnnl::memory;
using type_of = memory::data_type;
using tag = memory::format_tag;

struct Shape {
  int batch, height, width, cin, cout, k, stride, padding;

  void check_it(const char* what) const {
    check(batch > 0 && height > 0 && width > 0 && cin > 0 && cout > 0 && k > 0 && stride > 0 && padding >= 0 && k > 2 * padding, what,
          ": batch ", batch, ", image ", height, "x", width, ", channels ", cin, " to ", cout, ", k ", k, ", stride ", stride, ", padding ",
          padding);
  }
  memory::dims strides() const { return {stride, stride}; }
  memory::dims paddings() const { return {padding, padding}; }
  int grown(int n) const { return (n - 1) * stride - 2 * padding + k; }
  memory::desc x(type_of type) const { return {{batch, cin, height, width}, type, tag::nhwc}; }
  memory::desc y(type_of type) const { return {{batch, cout, grown(height), grown(width)}, type, tag::nhwc}; }
  // oneDNN names the dimensions (out, in, k, k) whatever their order in memory: [Cin, Cout, k, k] is iohw.
  memory::desc weights(type_of type, tag layout) const { return {{cout, cin, k, k}, type, layout}; }
  memory::desc published() const { return weights(type_of::f32, tag::iohw); }
  memory::desc bias(bool wanted) const { return wanted ? memory::desc{{cout}, type_of::f32, tag::a} : memory::desc{}; }

  dnnl::deconvolution_forward::primitive_desc forward(type_of type, bool bias, const dnnl::primitive_attr& attributes) const {
    return {onednn_engine(),
            dnnl::prop_kind::forward_training,
            dnnl::algorithm::deconvolution_direct,
            x(type),
            weights(type, tag::any),
            this->bias(bias),
            y(type),
            strides(),
            paddings(),
            paddings(),
            attributes,
            true};
  }
};

}  // namespace

Primitive* transposed_convolution(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding, bool bias,
                                  bool packed) {
  Shape shape{batch, height, width, cin, cout, k, stride, padding};
  shape.check_it("transposed_convolution");
  auto primitive = std::make_unique<Primitive>();
  Shape image{1, height, width, cin, cout, k, stride, padding};
  auto description = primitive->describe(type, "transposed convolution",
                                         [&](type_of t) { return for_one_thread([&] { return image.forward(t, bias, user_scratchpad()); }); });
  auto t = primitive->precision;
  int x = primitive->input(Slot::FIRST, shape.x(t));
  int w = primitive->weights(Slot::SECOND, shape.published(), description.weights_desc(), packed);
  int y = primitive->output(Slot::OUTPUT, shape.y(t), false);
  auto bytes = [](const memory::desc& desc) { return static_cast<int64_t>(desc.get_size()); };
  Tiles images{for_one_thread([&] { return dnnl::deconvolution_forward(description); }), description.scratchpad_desc(), 1, {}};
  images.operands = {{DNNL_ARG_SRC, primitive->view(x, image.x(t)), bytes(image.x(t))},
                     {DNNL_ARG_WEIGHTS, w},
                     {DNNL_ARG_DST, primitive->view(y, image.y(t)), bytes(image.y(t))}};
  if (bias) images.operands.push_back({DNNL_ARG_BIAS, primitive->operand(Slot::BIAS, shape.bias(true))});
  primitive->tiles(batch, {images});
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

Primitive* transposed_convolution_backward_data(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding) {
  Shape shape{batch, height, width, cin, cout, k, stride, padding};
  shape.check_it("transposed_convolution_backward_data");
  auto primitive = std::make_unique<Primitive>();
  auto description = primitive->describe(type, "transposed convolution backward data", [&](type_of t) {
    auto hint = shape.forward(t, false, {});
    if (!hint) return dnnl::deconvolution_backward_data::primitive_desc();
    return dnnl::deconvolution_backward_data::primitive_desc(onednn_engine(), dnnl::algorithm::deconvolution_direct, shape.x(t),
                                                             shape.weights(t, tag::any), shape.y(t), shape.strides(), shape.paddings(),
                                                             shape.paddings(), hint, user_scratchpad(), true);
  });
  auto t = primitive->precision;
  int dy = primitive->input(Slot::FIRST, shape.y(t));
  int w = primitive->weights(Slot::SECOND, shape.published(), description.weights_desc(), false);
  int dx = primitive->output(Slot::OUTPUT, shape.x(t), false);
  primitive->execute(dnnl::deconvolution_backward_data(description), description.scratchpad_desc(),
                     {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_SRC, dx}});
  primitive->finish(dx, Slot::OUTPUT);
  return primitive.release();
}

Primitive* transposed_convolution_backward_weights(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding,
                                                   bool bias) {
  Shape shape{batch, height, width, cin, cout, k, stride, padding};
  shape.check_it("transposed_convolution_backward_weights");
  auto primitive = std::make_unique<Primitive>();
  int64_t out_pixels = int64_t{batch} * shape.grown(height) * shape.grown(width);
  // As in convolution; 768 channels at 4x4: 23 -> 35 GFLOP/s a core.
  bool unfold = k > 1 && int64_t{batch} * height * width <= 2 * cin && cout <= MAX_UNFOLDED_CHANNELS;
  auto gradient = unfold ? &Primitive::unfolded_weight_gradient : &Primitive::convolution_weight_gradient;
  // That of the convolution from y to x.
  (primitive.get()->*gradient)(type, Slot::FIRST, cin, Slot::SECOND,
                               {batch, shape.grown(height), shape.grown(width), cout, k, stride, padding, padding, height, width});
  if (bias) primitive->column_sum(Slot::SECOND, out_pixels, cout);
  return primitive.release();
}

}  // namespace fizzy
