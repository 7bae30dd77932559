// The weight gradient of a convolution by oneDNN, in tiles that one thread computes each. oneDNN's own division among threads makes them
// wait for each other in spinning barriers, which last as long as the scheduler's time slices when another process has a core: measured
// beside one busy process on two cores, 2 GFLOP in bf16 take 360 ms instead of 7.
#include <algorithm>
#include <cstring>

#include "common/onednn.h"
#include "common/parallel.h"
#include "fizzy/cpu.h"

namespace fizzy {
using dnnl::memory;
using tag = memory::format_tag;
using type_of = memory::data_type;

namespace {

constexpr auto F32 = type_of::f32;

struct Gradient {
  Window window;
  int rows;  // channels of the convolution's output

  memory::desc image(type_of t) const { return {{window.batch, window.channels, window.height, window.width}, t, tag::nhwc}; }
  memory::desc left(type_of t) const { return {{window.batch, rows, window.out_height, window.out_width}, t, tag::nhwc}; }
  memory::dims weights() const { return {rows, window.channels, window.k, window.k}; }
  memory::desc published() const { return {weights(), F32, tag::oihw}; }
  Gradient part(int images, int channels) const {
    Gradient p = *this;
    p.window.batch = images;
    p.rows = channels;
    return p;
  }
  // Padding after the image, as far as windows reach.
  int after(int size, int before, int out) const { return std::max(0, (out - 1) * window.stride + window.k - size - before); }

  dnnl::convolution_backward_weights::primitive_desc describe(type_of t, const memory::desc& written) const {
    return for_one_thread([&] { return described(t, written); });
  }

 private:
  dnnl::convolution_backward_weights::primitive_desc described(type_of t, const memory::desc& written) const {
    auto& w = window;
    memory::dims strides{w.stride, w.stride}, begin{w.top, w.left};
    memory::dims end{after(w.height, w.top, w.out_height), after(w.width, w.left, w.out_width)};
    auto algorithm = dnnl::algorithm::convolution_direct;
    dnnl::convolution_forward::primitive_desc hint(onednn_engine(), dnnl::prop_kind::forward_training, algorithm, image(t),
                                                   {weights(), t, tag::any}, left(t), strides, begin, end, {}, true);
    if (!hint) return {};
    return {onednn_engine(), algorithm, image(t), written, left(t), strides, begin, end, hint, user_scratchpad(), true};
  }
};

// The images in `chunks` parts of at most `images` each, the rows in `slices`, by the shape alone unless there are more than TILES threads.
// Sums over chunks cost memory traffic, so a chunk has many pixels; narrow slices read the image more often. Measured on two threads of a
// Zen 4, smaller tiles are 3 to 8 % slower.
struct Tiling {
  static constexpr int CHUNKS = 32, PIXELS = 1024, TILES = 8, ROWS = 48, BLOCK = 16;
  int chunks = 1, slices = 1, images;

  Tiling(const Gradient& g, int threads) {
    int batch = g.window.batch, wanted = std::max(threads, TILES);
    while (2 * chunks <= std::min(CHUNKS, batch) && 2 * chunks * PIXELS <= g.window.pixels()) chunks *= 2;
    while (chunks * slices < wanted && g.rows % (2 * slices * BLOCK) == 0 && g.rows / (2 * slices) >= ROWS) slices *= 2;
    while (threads > TILES && chunks * slices < threads && 2 * chunks <= batch) chunks *= 2;
    images = (batch + chunks - 1) / chunks;
    chunks = (batch + images - 1) / images;
  }
};

// Adds the arrays 1 to count - 1 of n floats, `stride` floats apart, to array 0, in this order.
void sum(float* arrays, int count, int64_t stride, int64_t n) {
  parallel_chunks(n, ELEMENTWISE_GRAIN, [=](int64_t begin, int64_t end) {
    for (int a = 1; a < count; a++)
      for (int64_t i = begin; i < end; i++) arrays[i] += arrays[a * stride + i];
  });
}

// From [pixels][slices][bytes] to [slices][pixels][bytes].
void slice(const char* from, char* to, int64_t pixels, int slices, int64_t bytes) {
  constexpr int64_t GRAIN = 64;
  parallel_chunks(pixels, GRAIN, [=](int64_t begin, int64_t end) {
    for (int s = 0; s < slices; s++)
      for (int64_t p = begin; p < end; p++) std::memcpy(to + (s * pixels + p) * bytes, from + (p * slices + s) * bytes, bytes);
  });
}

int64_t size(const memory::desc& desc) { return static_cast<int64_t>(desc.get_size()); }

}  // namespace

void Primitive::convolution_weight_gradient(int wanted, Slot left, int rows, Slot image, const Window& window) {
  Gradient all{window, rows};
  Tiling tiling(all, threads());
  memory::desc any{all.weights(), F32, tag::any};
  auto whole = describe(wanted, "convolution backward weights", [&](type_of t) { return all.part(tiling.images, rows).describe(t, any); });
  auto written = whole.diff_weights_desc();
  int x = input(image, all.image(precision)), dy = input(left, all.left(precision));

  // Partial gradients, one a chunk, each as its slices one after the other.
  Gradient tile = all.part(tiling.images, rows / tiling.slices);
  memory::desc part = written.submemory_desc(tile.weights(), {0, 0, 0, 0});
  if (size(part) * tiling.slices != size(written) || !usable(tile.describe(precision, part))) {
    tiling.slices = 1;
    tile = all.part(tiling.images, rows);
    part = written;
  }
  int64_t stride = (size(written) + 63) / 64 * 64, pixels = window.pixels(), bytes = size(tile.left(precision)) / tile.window.pixels();
  int partial = scratch({{tiling.chunks * stride / 4}, F32, tag::a});
  if (tiling.slices > 1) {
    int slices = scratch(all.left(precision));
    step(dy, slices,
         [=](const void* from, void* to) { slice(static_cast<const char*>(from), static_cast<char*>(to), pixels, tiling.slices, bytes); });
    dy = slices;
  }
  std::vector<Tiles> inner;
  auto add = [&](const Gradient& of, int first, int count) {
    auto d = of.describe(precision, part);
    check(usable(d), "oneDNN has no convolution backward weights for ", of.window.batch, " of ", window.batch, " images");
    int64_t step_x = size(tile.image(precision)), step_dy = size(tile.left(precision));
    Tiles t{for_one_thread([&] { return dnnl::convolution_backward_weights(d); }), d.scratchpad_desc(), count, {}};
    t.operands = {{DNNL_ARG_SRC, view(x, d.src_desc(), first * step_x), 0, step_x},
                  {DNNL_ARG_DIFF_DST, view(dy, d.diff_dst_desc(), first * step_dy), pixels * bytes, step_dy},
                  {DNNL_ARG_DIFF_WEIGHTS, view(partial, part, first * stride), size(part), stride}};
    inner.push_back(t);
  };
  int rest = window.batch % tiling.images;
  add(tile, 0, window.batch / tiling.images);
  if (rest > 0) add(all.part(rest, tile.rows), tiling.chunks - 1, 1);
  tiles(tiling.slices, inner);
  int gradient = view(partial, written);
  if (tiling.chunks > 1)
    step(gradient, gradient, [=, chunks = tiling.chunks, n = size(written) / 4](const void*, void* arrays) {
      sum(static_cast<float*>(arrays), chunks, stride / 4, n);
    });
  reorder(gradient, operand(Slot::OUTPUT, all.published()), runs);
}

}  // namespace fizzy
