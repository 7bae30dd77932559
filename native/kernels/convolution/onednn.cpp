// Convolution by oneDNN, in NHWC: at this engine's shapes its brgemm convolutions run near the machine's peak in that layout. Floor: 2 B OH
// OW Cout Cin k^2 FLOP over the peak.
#include "fizzy/cpu.h"
#include "kernels/convolution/bands.h"

namespace fizzy {
using namespace convolutions;

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
