// Convolution of u8 by s8, VNNI, by oneDNN. Floor: half the time of bf16, and 3 bytes for each input over bandwidth.
#include "fizzy/cpu.h"
#include "kernels/convolution/bands.h"

namespace fizzy {
using namespace convolutions;

Primitive* quantized_convolution(int batch, int height, int width, int cin, int cout, int k, bool bias, bool residual, bool packed) {
  check(k % 2 == 1 && k > 1, "quantized_convolution: k must be odd and above 1, not ", k);
  int around = k / 2;
  Shape shape{batch, height, width, cin, cout, k, 1, around, around, around, around};
  shape.check_it("quantized_convolution");
  auto primitive = std::make_unique<Primitive>();
  Quantized q = primitive->quantized(shape.window(), cout, bias, packed);
  int y = primitive->output(Slot::OUTPUT, shape.y(type_of::bf16), residual);

  // The offsets are a map that is added to each image; a band has its part of it.
  auto describe = [&](const Shape& s) {
    auto attributes = user_scratchpad();
    attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << 0);
    dnnl::post_ops add;
    if (residual) add.append_sum();
    add.append_binary(dnnl::algorithm::binary_add, {s.y(type_of::f32).get_dims(), type_of::f32, tag::nhwc});
    attributes.set_post_ops(add);
    return s.forward_in_one_thread(type_of::u8, false, attributes);
  };
  std::vector<Bands> parts = bands(shape);
  if (!std::all_of(parts.begin(), parts.end(), [&](auto& band) { return Primitive::usable(describe(band.shape)); }))
    parts = {{shape.image(), 0, 0, 0, 1}};
  int64_t row_x = int64_t{width} * cin, row_y = int64_t{width} * cout * 2, row_added = int64_t{width} * cout * 4;
  int map = DNNL_ARG_ATTR_MULTIPLE_POST_OP(residual ? 1 : 0) | DNNL_ARG_SRC_1;
  std::vector<Tiles> tiles;
  for (auto& band : parts) {
    auto d = describe(band.shape);
    check(Primitive::usable(d), "oneDNN has no convolution of integers for ", cin, " to ", cout, " channels, k ", k);
    primitive->implementation = d.impl_info_str();
    Tiles of_band{for_one_thread([&] { return dnnl::convolution_forward(d); }), d.scratchpad_desc(), band.count, {}};
    int64_t rows = band.shape.out_height();
    of_band.operands = {{DNNL_ARG_SRC, primitive->view(q.x, d.src_desc(), band.row * row_x), height * row_x, band.stride * row_x},
                        {DNNL_ARG_WEIGHTS, primitive->weights(q.weights, d.weights_desc(), packed)},
                        {DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, q.scales},
                        {map, primitive->view(q.offsets, band.shape.y(type_of::f32), band.out_row * row_added), 0, rows * row_added},
                        {DNNL_ARG_DST, primitive->view(y, d.dst_desc(), band.out_row * row_y), height * row_y, rows * row_y}};
    tiles.push_back(of_band);
  }
  primitive->tiles(batch, tiles);
  return primitive.release();
}

}  // namespace fizzy
