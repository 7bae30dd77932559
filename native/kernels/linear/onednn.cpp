// y = x w^T through oneDNN's matmul. Floor: 2 M N K FLOP over the peak.
#include "common/onednn.h"
#include "fizzy/kernels.h"

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
  auto attributes = user_scratchpad();
  if (residual) {
    dnnl::post_ops add;
    add.append_sum();
    attributes.set_post_ops(add);
  }
  memory::desc bias_desc = bias ? memory::desc{{1, n}, type_of::f32, tag::ab} : memory::desc{};
  memory::desc published{{k, n}, type_of::f32, tag::ba};
  auto description = primitive->describe(type, "matrix product", [&](type_of t) {
    // Packing pays when it is done once a model; bf16 has to be converted anyway.
    memory::desc w{{k, n}, t, packed || t != type_of::f32 ? tag::any : tag::ba};
    return dnnl::matmul::primitive_desc(onednn_engine(), {{m, k}, t, tag::ab}, w, bias_desc, {{m, n}, t, tag::ab}, attributes, true);
  });
  auto t = primitive->precision;
  int x = primitive->input(Slot::FIRST, {{m, k}, t, tag::ab});
  int w = primitive->weights(Slot::SECOND, published, description.weights_desc(), packed);
  int y = primitive->output(Slot::OUTPUT, {{m, n}, t, tag::ab}, residual);
  std::vector<std::pair<int, int>> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}};
  if (bias) arguments.push_back({DNNL_ARG_BIAS, primitive->operand(Slot::BIAS, bias_desc)});
  primitive->execute(dnnl::matmul(description), description.scratchpad_desc(), arguments);
  primitive->finish(y, Slot::OUTPUT);
  return primitive.release();
}

Primitive* linear_backward_data(int type, int m, int n, int k) {
  check_shape("linear_backward_data", m, n, k);
  auto primitive = std::make_unique<Primitive>();
  auto description = primitive->describe(type, "matrix product", [&](type_of t) {
    memory::desc w{{n, k}, t, t == type_of::f32 ? tag::ab : tag::any};
    return dnnl::matmul::primitive_desc(onednn_engine(), {{m, n}, t, tag::ab}, w, {{m, k}, t, tag::ab}, user_scratchpad(), true);
  });
  auto t = primitive->precision;
  int dy = primitive->input(Slot::FIRST, {{m, n}, t, tag::ab});
  int w = primitive->weights(Slot::SECOND, {{n, k}, type_of::f32, tag::ab}, description.weights_desc(), false);
  int dx = primitive->output(Slot::OUTPUT, {{m, k}, t, tag::ab}, false);
  primitive->execute(dnnl::matmul(description), description.scratchpad_desc(), {{DNNL_ARG_SRC, dy}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, dx}});
  primitive->finish(dx, Slot::OUTPUT);
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
