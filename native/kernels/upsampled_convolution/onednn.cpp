// A 3x3 convolution of an image that is doubled by nearest neighbor, computed from the small image: an output pixel sees 2x2 of its pixels,
// so taps of the filter that fall on one pixel are summed when the weights are packed. That is a transposed convolution 4x4 of stride 2, by
// oneDNN in NHWC. Floor: 2 B H W Cin Cout 16 FLOP over the peak, 4/9 of the convolution's.
#include <algorithm>

#include "common/onednn.h"
#include "fizzy/cpu.h"
#include "kernels/convolution/bands.h"

namespace fizzy {
namespace {
using dnnl::memory;
using type_of = memory::data_type;
using tag = memory::format_tag;

constexpr int K = 3, SUMMED_K = 4, PADDING = 1;

// `count` bands of one shape: `height` rows of the small image from `row` on, output rows from `out_row` on; each next band begins `stride`
// rows of the small image further. `top` and `bottom` are rows of the transposed convolution that are not wanted.
struct Bands {
  int height, top, bottom, row, out_row, stride, count;
};

struct Shape {
  int batch, height, width, cin, cout;

  memory::desc x(type_of type, int images, int rows) const { return {{images, cin, rows, width}, type, tag::nhwc}; }
  memory::desc y(type_of type, int images, int rows) const { return {{images, cout, 2 * rows, 2 * width}, type, tag::nhwc}; }
  memory::desc weights(type_of type, int k, tag layout) const { return {{cout, cin, k, k}, type, layout}; }
  memory::desc bias(bool wanted) const { return wanted ? memory::desc{{cout}, type_of::f32, tag::a} : memory::desc{}; }

  dnnl::deconvolution_forward::primitive_desc forward(type_of type, bool biased, const Bands& b) const {
    int rows = b.height + PADDING - (b.top + b.bottom) / 2;
    return for_one_thread([&] {
      return dnnl::deconvolution_forward::primitive_desc(onednn_engine(), dnnl::prop_kind::forward_training,
                                                         dnnl::algorithm::deconvolution_direct, x(type, 1, b.height),
                                                         weights(type, SUMMED_K, tag::any), bias(biased), y(type, 1, rows), {2, 2},
                                                         {b.top, PADDING}, {b.bottom, PADDING}, user_scratchpad(), true);
    });
  }

  Bands image() const { return {height, PADDING, PADDING, 0, 0, 0, 1}; }

  std::vector<Bands> bands() const {
    int rows = convolutions::rows_of_band(height, width, int64_t{cin} * cout * SUMMED_K * SUMMED_K);
    std::vector<Bands> all;
    for (int row = 0; row < height; row += rows) {
      int end = std::min(row + rows, height), first = std::max(row - 1, 0), past = std::min(end + 1, height);
      // Of a row of the small image the transposed convolution writes output rows -1 to 2.
      Bands band{past - first, PADDING + 2 * (row - first), PADDING + 2 * (past - end), first, 2 * row, rows, 1};
      if (!all.empty() && all.back().height == band.height && all.back().top == band.top && all.back().bottom == band.bottom) all.back().count++;
      else all.push_back(band);
    }
    return all;
  }
};

// The weights [rows, 4, 4] of the transposed convolution for those of the convolution, [rows, 3, 3]. In one dimension, where the doubled image
// has x[i] at 2i and 2i+1, the convolution adds x[i] w[p] to output 2i + 1 - p and 2i + 2 - p; the transposed one adds x[i] v[r] to 2i - 1 + r.
std::vector<float> summed(const float* w, int64_t rows) {
  std::vector<float> v(rows * SUMMED_K * SUMMED_K);
  auto first = [](int r) { return std::max(0, 2 - r); };
  auto last = [](int r) { return std::min(2, 3 - r); };
  for (int64_t row = 0; row < rows; row++)
    for (int r = 0; r < SUMMED_K; r++)
      for (int s = 0; s < SUMMED_K; s++)
        for (int p = first(r); p <= last(r); p++)
          for (int q = first(s); q <= last(s); q++) v[(row * SUMMED_K + r) * SUMMED_K + s] += w[(row * K + p) * K + q];
  return v;
}

}  // namespace

Primitive* upsampled_convolution(int type, int batch, int height, int width, int cin, int cout, bool bias) {
  check(batch > 0 && height > 0 && width > 0 && cin > 0 && cout > 0, "upsampled_convolution: batch ", batch, ", image ", height, "x", width,
        ", channels ", cin, " to ", cout);
  Shape shape{batch, height, width, cin, cout};
  auto primitive = std::make_unique<Primitive>();
  auto whole = primitive->describe(type, "transposed convolution", [&](type_of t) { return shape.forward(t, bias, shape.image()); });
  auto t = primitive->precision;
  int x = primitive->input(Slot::FIRST, shape.x(t, batch, height));
  int y = primitive->output(Slot::OUTPUT, shape.y(t, batch, height), false);
  int added = bias ? primitive->operand(Slot::BIAS, shape.bias(true)) : -1;

  int published = primitive->operand(Slot::SECOND, shape.weights(type_of::f32, K, tag::oihw)), w = primitive->packed(whole.weights_desc());
  primitive->packs.push_back([=](const Addresses& at) -> Primitive::Run {
    return [=, from = at.as<float>(published), to = at.memory(w)] {
      auto sums = summed(from, int64_t{shape.cout} * shape.cin);
      memory source(shape.weights(type_of::f32, SUMMED_K, tag::oihw), onednn_engine(), sums.data()), target = to;
      dnnl::stream stream(onednn_engine());
      dnnl::reorder(source, target).execute(stream, source, target);
    };
  });

  auto same_weights = [&](const Bands& b) {
    auto d = shape.forward(t, bias, b);
    return Primitive::usable(d) && d.weights_desc() == whole.weights_desc();
  };
  std::vector<Bands> parts = shape.bands();
  if (!std::all_of(parts.begin(), parts.end(), same_weights)) parts = {shape.image()};
  int64_t size = memory::data_type_size(t), row_x = int64_t{width} * cin * size, row_y = int64_t{2} * width * cout * size;
  std::vector<Tiles> tiles;
  for (auto& band : parts) {
    auto d = shape.forward(t, bias, band);
    Tiles of_band{for_one_thread([&] { return dnnl::deconvolution_forward(d); }), d.scratchpad_desc(), band.count, {}};
    of_band.operands = {{DNNL_ARG_SRC, primitive->view(x, d.src_desc(), band.row * row_x), height * row_x, band.stride * row_x},
                        {DNNL_ARG_WEIGHTS, w},
                        {DNNL_ARG_DST, primitive->view(y, d.dst_desc(), band.out_row * row_y), 2 * height * row_y, 2 * band.stride * row_y}};
    if (bias) of_band.operands.push_back({DNNL_ARG_BIAS, added});
    tiles.push_back(of_band);
  }
  primitive->tiles(batch, tiles);
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

}  // namespace fizzy
