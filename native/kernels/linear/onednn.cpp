// y = x w^T by oneDNN's matmul. Floor: 2 M N K FLOP over the peak.
#include "common/onednn.h"
#include "fizzy/cpu.h"

namespace fizzy {
namespace {
using dnnl::memory;
using type_of = memory::data_type;
using tag = memory::format_tag;

void check_shape(const char* what, int m, int n, int k) { check(m > 0 && n > 0 && k > 0, what, ": m ", m, ", n ", n, ", k ", k); }

}  // namespace

Primitive* linear(int type, int m, int n, int k, bool bias, bool residual, bool packed) {
  check_shape("linear", m, n, k);
  auto primitive = std::make_unique<Primitive>();
  int y = primitive->product(type, m, n, k, bias, residual, packed);
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

Primitive* linear_backward_data(int type, int m, int n, int k) {
  check_shape("linear_backward_data", m, n, k);
  auto primitive = std::make_unique<Primitive>();
  primitive->product_backward_data(type, m, n, k);
  return primitive.release();
}

Primitive* linear_backward_weights(int type, int m, int n, int k, bool bias) {
  check_shape("linear_backward_weights", m, n, k);
  auto primitive = std::make_unique<Primitive>();
  auto description = primitive->describe(type, "matrix product", [&](type_of t) {
    return dnnl::matmul::primitive_desc(onednn_engine(), {{n, m}, t, tag::ba}, {{m, k}, t, tag::ab}, {{n, k}, type_of::f32, tag::ab},
                                        user_scratchpad(), true);
  });
  auto t = primitive->precision;
  int x = primitive->input(Slot::FIRST, {{m, k}, t, tag::ab});
  int dy = primitive->input(Slot::SECOND, {{n, m}, t, tag::ba});
  int dw = primitive->operand(Slot::OUTPUT, {{n, k}, type_of::f32, tag::ab});
  primitive->execute(dnnl::matmul(description), description.scratchpad_desc(), {{DNNL_ARG_SRC, dy}, {DNNL_ARG_WEIGHTS, x}, {DNNL_ARG_DST, dw}});
  if (bias) primitive->column_sum(Slot::SECOND, m, n);
  return primitive.release();
}

}  // namespace fizzy
