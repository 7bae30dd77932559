// Batched matrix product by oneDNN. Floor: 2 B M N K FLOP over the peak.
#include <algorithm>

#include "common/onednn.h"
#include "fizzy/cpu.h"

namespace fizzy {
using dnnl::memory;

namespace { constexpr int TILE_ROWS = 256; }

Primitive* matmul(int type, int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale) {
  check(batch > 0 && m > 0 && n > 0 && k > 0, "matmul: batch ", batch, ", m ", m, ", n ", n, ", k ", k);
  auto primitive = std::make_unique<Primitive>();
  using tag = memory::format_tag;
  auto attributes = user_scratchpad();
  if (scale != 1) {
    dnnl::post_ops multiply;
    multiply.append_eltwise(dnnl::algorithm::eltwise_linear, scale, 0);
    attributes.set_post_ops(multiply);
  }
  // A tile is a few rows of one matrix of the batch; the last tile of a matrix may have fewer rows and then has its own primitive.
  int rows = std::min(m, TILE_ROWS), left = m % rows;
  auto tile = [&](memory::data_type t, int tile_rows) {
    memory::desc a = transpose_a ? memory::desc({1, tile_rows, k}, t, {int64_t{m} * k, 1, m}) : memory::desc({1, tile_rows, k}, t, tag::abc);
    memory::desc b({1, k, n}, t, transpose_b ? tag::acb : tag::abc), y({1, tile_rows, n}, t, tag::abc);
    return for_one_thread([&] { return dnnl::matmul::primitive_desc(onednn_engine(), a, b, y, attributes, true); });
  };
  primitive->describe(type, "matrix product", [&](memory::data_type t) { return tile(t, rows); });
  auto t = primitive->precision;
  int a = primitive->input(Slot::FIRST, {{batch, m, k}, t, transpose_a ? tag::acb : tag::abc});
  int b = primitive->input(Slot::SECOND, {{batch, k, n}, t, transpose_b ? tag::acb : tag::abc});
  int y = primitive->output(Slot::OUTPUT, {{batch, m, n}, t, tag::abc}, false);
  int64_t size = memory::data_type_size(t), row_a = (transpose_a ? 1 : k) * size, row_y = n * size;
  std::vector<Tiles> tiles;
  auto add = [&](int count, int tile_rows, int first) {
    auto d = tile(t, tile_rows);
    tiles.push_back({for_one_thread([&] { return dnnl::matmul(d); }),
                     d.scratchpad_desc(),
                     count,
                     {{DNNL_ARG_SRC, primitive->view(a, d.src_desc(), first * row_a), int64_t{m} * k * size, tile_rows * row_a},
                      {DNNL_ARG_WEIGHTS, primitive->view(b, d.weights_desc()), int64_t{k} * n * size},
                      {DNNL_ARG_DST, primitive->view(y, d.dst_desc(), first * row_y), m * row_y, tile_rows * row_y}}});
  };
  add(m / rows, rows, 0);
  if (left > 0) add(1, left, m - left);
  primitive->tiles(batch, tiles);
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

}  // namespace fizzy
