// Batched matrix product through oneDNN. Floor: 2 B M N K FLOP over the peak.
#include "common/onednn.h"
#include "fizzy/kernels.h"

namespace fizzy {
using dnnl::memory;

Primitive* matmul(int type, int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale) {
  check(batch > 0 && m > 0 && n > 0 && k > 0, "matmul: batch ", batch, ", m ", m, ", n ", n, ", k ", k);
  auto primitive = std::make_unique<Primitive>();
  using tag = memory::format_tag;
  auto a_desc = [&](memory::data_type t) { return memory::desc({batch, m, k}, t, transpose_a ? tag::acb : tag::abc); };
  auto b_desc = [&](memory::data_type t) { return memory::desc({batch, k, n}, t, transpose_b ? tag::acb : tag::abc); };
  auto y_desc = [&](memory::data_type t) { return memory::desc({batch, m, n}, t, tag::abc); };
  auto attributes = user_scratchpad();
  if (scale != 1) {
    dnnl::post_ops multiply;
    multiply.append_eltwise(dnnl::algorithm::eltwise_linear, scale, 0);
    attributes.set_post_ops(multiply);
  }
  auto description = primitive->describe(type, "matrix product", [&](memory::data_type t) {
    return dnnl::matmul::primitive_desc(onednn_engine(), a_desc(t), b_desc(t), y_desc(t), attributes, true);
  });
  auto t = primitive->precision;
  int a = primitive->input(Slot::FIRST, a_desc(t));
  int b = primitive->input(Slot::SECOND, b_desc(t));
  int y = primitive->output(Slot::OUTPUT, y_desc(t), false);
  primitive->execute(dnnl::matmul(description), description.scratchpad_desc(), {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, y}});
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

}  // namespace fizzy
