// Matrix products with oneDNN: a linear layer, and a convolution as a matrix product, forward and backward.
#include <algorithm>

#include "common/onednn.h"
#include "kernels/fold/fold.h"

namespace fizzy {
using dnnl::memory;
using tag = memory::format_tag;
using type_of = memory::data_type;

namespace {

// Up to this number of rows a gradient is memory-bound: rounding f32 weights to bf16 takes longer than multiplying in f32 (measured at 8
// rows: 1.3 ms to round, .5 ms to multiply in f32).
constexpr int FEW_ROWS = 16;
constexpr int TILE_ROWS = 32, TILE_COLUMNS = 256;

int64_t align_up(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// Columns [begin, begin + count * width) of a product, in tiles of `width`.
struct Columns {
  int begin, width, count;
};

std::vector<Columns> column_tiles(int n) {
  int tiles = (n + TILE_COLUMNS - 1) / TILE_COLUMNS, width = std::min(n, ((n + tiles - 1) / tiles + 63) / 64 * 64);
  std::vector<Columns> all{{0, width, n / width}};
  if (n % width > 0) all.push_back({n / width * width, n % width, 1});
  return all;
}

// y [TILE_ROWS, columns] = x w, as part of y [m, n]; of u8 with a scale for each column.
dnnl::matmul::primitive_desc tile(type_of t, int columns, int n, int k, bool bias, bool residual) {
  auto attributes = user_scratchpad();
  if (residual) {
    dnnl::post_ops add;
    add.append_sum();
    attributes.set_post_ops(add);
  }
  if (t == type_of::u8) attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << 1);
  memory::desc added = bias ? memory::desc{{1, columns}, type_of::f32, tag::ab} : memory::desc{};
  return for_one_thread([&] {
    return dnnl::matmul::primitive_desc(onednn_engine(), {{TILE_ROWS, k}, t, tag::ab}, {{k, columns}, type_of_weights(t), tag::any}, added,
                                        {{TILE_ROWS, columns}, type_of_result(t), {n, 1}}, attributes, true);
  });
}

}  // namespace

int Primitive::unfolded(Slot image, const Window& w) {
  int x = input(image, {{w.batch, w.channels, w.height, w.width}, precision, tag::nhwc});
  int columns = scratch({{w.pixels(), w.taps()}, precision, tag::ab});
  bool bf16 = precision == type_of::bf16;
  step(x, columns, [bf16, w](const void* from, void* to) { FIZZY_SELECT(unfold)(bf16, w, from, to); });
  implementation = "unfolded, " + implementation;
  return columns;
}

int Primitive::product(int wanted, int64_t m, int n, int k, bool bias, bool residual, bool once, const Window* window) {
  auto columns = column_tiles(n);
  describe(wanted, "matrix product", [&](type_of t) { return tile(t, columns[0].width, n, k, bias, residual); });
  int x = window ? unfolded(Slot::FIRST, *window) : input(Slot::FIRST, {{m, k}, precision, tag::ab});
  int w = operand(Slot::SECOND, {{k, n}, type_of::f32, tag::ba});
  int added = bias ? operand(Slot::BIAS, {{1, n}, type_of::f32, tag::ab}) : -1;
  return product({x, w, added, -1}, m, n, k, residual, once);
}

int Primitive::quantized_product(int64_t m, int n, int k, bool bias, bool residual, bool once) {
  Quantized q = quantized({static_cast<int>(m), 1, 1, k, 1, 1, 0, 0, 1, 1}, n, bias, once);
  auto description = tile(type_of::u8, column_tiles(n)[0].width, n, k, true, residual);
  check(usable(description), "oneDNN has no product of integers for ", k, " x ", n);
  implementation = description.impl_info_str();
  int w = view(q.weights, {{k, n}, type_of::s8, tag::ba});
  return product({view(q.x, {{m, k}, type_of::u8, tag::ab}), w, q.offsets, q.scales}, m, n, k, residual, once);
}

int Primitive::product(const Factors& f, int64_t m, int n, int k, bool residual, bool once) {
  type_of t = buffers[f.x].desc.get_data_type();
  int x = f.x, y = output(Slot::OUTPUT, {{m, n}, precision, tag::ab}, residual);

  // Rows past the last whole tile are copied into a whole tile, so that a row has the same bits in all batches.
  int64_t size_x = memory::data_type_size(t), size_y = memory::data_type_size(precision), whole = m / TILE_ROWS, left = m % TILE_ROWS;
  int last_x = x, last_y = y, tail_y = y;
  if (left > 0) {
    last_x = scratch({{TILE_ROWS, k}, t, tag::ab});
    last_y = scratch({{TILE_ROWS, n}, precision, tag::ab});
    tail_y = view(y, {{left, n}, precision, tag::ab}, whole * TILE_ROWS * n * size_y);
    copy(view(x, {{left, k}, t, tag::ab}, whole * TILE_ROWS * k * size_x), last_x, left * k * size_x);
    if (residual) copy(tail_y, last_y, left * n * size_y);
  }
  for (auto [begin, width, count] : column_tiles(n)) {
    auto description = tile(t, width, n, k, f.bias >= 0, residual);
    dnnl::primitive primitive = for_one_thread([&] { return dnnl::matmul(description); });
    int w = -1;
    for (int i = 0; i < count; i++) {
      auto columns = buffers[f.weights].desc.submemory_desc({k, width}, {0, begin + i * width});
      int slice = weights(view(f.weights, columns), description.weights_desc(), once);
      if (i == 0) w = slice;
    }
    int64_t step = width * static_cast<int64_t>(sizeof(float));
    int added = f.bias >= 0 ? view(f.bias, description.bias_desc(), begin * sizeof(float)) : -1;
    int scales = f.scales >= 0 ? view(f.scales, {{width}, type_of::f32, tag::a}, begin * sizeof(float)) : -1;
    auto rows = [&](int64_t tiles, int from, int to) {
      Tiles t{primitive, description.scratchpad_desc(), tiles, {}};
      t.operands.push_back({DNNL_ARG_SRC, view(from, description.src_desc()), 0, TILE_ROWS * k * size_x});
      t.operands.push_back({DNNL_ARG_WEIGHTS, w, align_up(description.weights_desc().get_size()), 0});
      if (added >= 0) t.operands.push_back({DNNL_ARG_BIAS, added, step, 0});
      if (scales >= 0) t.operands.push_back({DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, scales, step, 0});
      t.operands.push_back({DNNL_ARG_DST, view(to, description.dst_desc(), begin * size_y), width * size_y, TILE_ROWS * n * size_y});
      return t;
    };
    std::vector<Tiles> inner;
    if (whole > 0) inner.push_back(rows(whole, x, y));
    if (left > 0) inner.push_back(rows(1, last_x, last_y));
    tiles(count, inner);
  }
  if (left > 0) copy(last_y, tail_y, left * n * size_y);
  return y;
}

void Primitive::product_backward_data(int wanted, int m, int n, int k, const Window* window) {
  auto f32 = type_of::f32;
  // Folding sums again, so its input stays f32.
  auto written = [&](type_of t) { return memory::desc{{m, k}, window ? f32 : t, tag::ab}; };
  auto description = describe(wanted, "matrix product", [&](type_of t) {
    memory::desc w{{n, k}, t, t == f32 ? tag::ab : tag::any};
    return dnnl::matmul::primitive_desc(onednn_engine(), {{m, n}, t, tag::ab}, w, written(t), user_scratchpad(), true);
  }, window || m > FEW_ROWS);
  int dy = input(Slot::FIRST, {{m, n}, precision, tag::ab});
  int w = weights(Slot::SECOND, {{n, k}, f32, tag::ab}, description.weights_desc(), false);
  int dx = window ? scratch(written(precision)) : output(Slot::OUTPUT, written(precision), false);
  execute(dnnl::matmul(description), description.scratchpad_desc(), {{DNNL_ARG_SRC, dy}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, dx}});
  if (!window) return finish(dx, Slot::OUTPUT);
  implementation = "folded, " + implementation;
  int image = operand(Slot::OUTPUT, {{window->batch, window->channels, window->height, window->width}, type, tag::nhwc});
  bool bf16 = type == type_of::bf16;
  step(dx, image, [bf16, w = *window](const void* columns, void* to) { FIZZY_SELECT(fold)(bf16, w, static_cast<const float*>(columns), to); });
}

void Primitive::unfolded_weight_gradient(int wanted, Slot left, int rows, Slot image, const Window& window) {
  int64_t pixels = window.pixels(), columns = window.taps();
  memory::desc gradient{{rows, columns}, type_of::f32, tag::ab};
  auto description = describe(wanted, "matrix product", [&](type_of t) {
    return dnnl::matmul::primitive_desc(onednn_engine(), {{rows, pixels}, t, tag::ba}, {{pixels, columns}, t, tag::ab}, gradient,
                                        user_scratchpad(), true);
  });
  int a = input(left, {{rows, pixels}, precision, tag::ba});
  int b = unfolded(image, window);
  execute(dnnl::matmul(description), description.scratchpad_desc(),
          {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, operand(Slot::OUTPUT, gradient)}});
}

}  // namespace fizzy
