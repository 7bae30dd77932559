#include "common/onednn.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "common/level.h"
#include "common/parallel.h"
#include "fizzy/kernels.h"
#include "kernels/cast/cast.h"
#include "kernels/column_sum/column_sum.h"
#include "kernels/fold/fold.h"
#include "kernels/prelu/prelu.h"

namespace fizzy {
using dnnl::memory;

namespace {

constexpr size_t ALIGN = 64;
constexpr int64_t COPY_GRAIN = 1 << 18;  // bytes: half a level-2 cache
// Up to here a gradient is memory alone: rounding f32 weights to bf16 takes longer than using them as they are (measured at 8
// rows: 1.3 ms to round what f32 multiplies in .5). Forward does not look at the rows: an image has the same bits in every batch.
constexpr int FEW_ROWS = 16;

dnnl::stream& stream() {
  static dnnl::stream s(onednn_engine());
  return s;
}

size_t aligned(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

// A long product of bf16 is summed in pieces of this many terms: where oneDNN cuts it, and with that the order of the sum, goes by
// the number of rows (on AMX), and an image has the same bits in every batch. Nine taps of 384 channels are still one piece.
int piece_length(int k) {
  constexpr int LONGEST = 9 * 384, STEP = 64;
  int pieces = (k + LONGEST - 1) / LONGEST, length = (k + pieces - 1) / pieces;
  return std::min(k, (length + STEP - 1) / STEP * STEP);
}

int64_t elements(const memory::desc& desc) {
  int64_t n = 1;
  for (auto d : desc.get_dims()) n *= d;
  return n;
}

// oneDNN obeys the cap on the instruction set; it listens only before its first primitive.
void cap_instruction_set() {
  if (cpu_level() >= cpu_level_available()) return;
  if (level() == AVX2 || level() == WIDE) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  else if (level() == AVX512) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core);
  else if (level() == AVX512_BF16) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_bf16);
}

void copy(const void* from, void* to, int64_t bytes) {
  parallel_chunks(bytes, COPY_GRAIN, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin, end - begin);
  });
}

}  // namespace

const dnnl::engine& onednn_engine() {
  static dnnl::engine engine = [] {
    cap_instruction_set();
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return engine;
}

dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

int Primitive::operand(Slot slot, const memory::desc& desc) {
  buffers.push_back({desc, slot, 0});
  return static_cast<int>(buffers.size()) - 1;
}

int Primitive::scratch(const memory::desc& desc) {
  buffers.push_back({desc, Slot::SCRATCH, scratch_bytes});
  scratch_bytes += aligned(desc.get_size());
  return static_cast<int>(buffers.size()) - 1;
}

int Primitive::packed(const memory::desc& desc) {
  buffers.push_back({desc, Slot::PACKED, packed_bytes});
  packed_bytes += aligned(desc.get_size());
  return static_cast<int>(buffers.size()) - 1;
}

int Primitive::input(Slot slot, const memory::desc& in_precision) {
  if (precision == type) return operand(slot, in_precision);
  int wide = scratch(in_precision);
  runs.push_back({Kind::WIDEN, {}, {{0, operand(slot, in_precision)}, {1, wide}}, {}});
  return wide;
}

int Primitive::output(Slot slot, const memory::desc& in_precision, bool residual) {
  int to = precision == type ? operand(slot, in_precision) : scratch(in_precision);
  if (residual) runs.push_back({precision == type ? Kind::COPY : Kind::WIDEN, {}, {{0, operand(Slot::RESIDUAL, in_precision)}, {1, to}}, {}});
  return to;
}

void Primitive::finish(int output, Slot slot) {
  if (precision == type) return;
  runs.push_back({Kind::NARROW, {}, {{0, output}, {1, operand(slot, buffers[output].desc)}}, {}});
}

int Primitive::weights(Slot slot, const memory::desc& published, const memory::desc& wanted, bool once) {
  int from = operand(slot, published);
  if (published == wanted) return from;
  int to = once ? packed(wanted) : scratch(wanted);
  reorder(from, to, once ? packs : runs);
  return to;
}

int Primitive::weight_gradient(const memory::desc& published, const memory::desc& written) {
  return published == written ? operand(Slot::OUTPUT, published) : scratch(written);
}

void Primitive::publish(int written, const memory::desc& published) {
  if (buffers[written].slot == Slot::SCRATCH) reorder(written, operand(Slot::OUTPUT, published), runs);
}

void Primitive::prelu(int output, const memory::desc& slope) {
  runs.push_back({Kind::PRELU, {}, {{0, output}, {1, operand(Slot::SLOPE, slope)}}, {}});
}

void Primitive::column_sum(Slot slot, int64_t rows, int64_t columns) {
  using tag = memory::format_tag;
  auto f32 = memory::data_type::f32;
  int from = operand(slot, {{rows, columns}, type, tag::ab});
  int to = operand(Slot::BIAS_GRADIENT, {{columns}, f32, tag::a});
  int partial = scratch({{column_sum_chunks(rows), columns}, f32, tag::ab});
  runs.push_back({Kind::COLUMN_SUM, {}, {{0, from}, {1, to}, {2, partial}}, {}});
}

int Primitive::unfolded(Slot image, const Window& w) {
  int x = input(image, {{w.batch, w.channels, w.height, w.width}, precision, memory::format_tag::nhwc});
  int columns = scratch({{w.pixels(), w.taps()}, precision, memory::format_tag::ab});
  runs.push_back({Kind::UNFOLD, {}, {{0, x}, {1, columns}}, w});
  implementation = "unfolded, " + implementation;
  return columns;
}

int Primitive::product(int wanted, int m, int n, int k, bool bias, bool residual, bool packed, const Window* window) {
  using tag = memory::format_tag;
  auto f32 = memory::data_type::f32;
  // oneDNN sums a row alone in another order than rows in company: it gets company, so that an image has the same bits in all batches.
  bool alone = m == 1;
  int rows = alone ? 2 : m, length = k;
  auto piece = [&](memory::data_type t, int terms, bool with_bias, bool sum) {
    auto attributes = user_scratchpad();
    if (sum) {
      dnnl::post_ops add;
      add.append_sum();
      attributes.set_post_ops(add);
    }
    // Packing pays when it is done once a model; bf16 has to be converted anyway.
    memory::desc w{{terms, n}, t, packed || t != f32 ? tag::any : tag::ba};
    memory::desc added = with_bias ? memory::desc{{1, n}, f32, tag::ab} : memory::desc{};
    return dnnl::matmul::primitive_desc(onednn_engine(), {{rows, terms}, t, {k, 1}}, w, added, {{rows, n}, terms < k ? f32 : t, tag::ab},
                                        attributes, true);
  };
  auto description = describe(wanted, "matrix product", [&](memory::data_type t) {
    length = t == f32 ? k : piece_length(k);
    return piece(t, length, bias, residual);
  });
  int x = window ? unfolded(Slot::FIRST, *window) : input(Slot::FIRST, {{m, k}, precision, tag::ab});
  int y = output(Slot::OUTPUT, {{m, n}, precision, tag::ab}, residual), from = x, to = y;
  if (alone) {
    from = scratch({{rows, k}, precision, tag::ab});
    to = scratch({{rows, n}, precision, tag::ab});
    runs.push_back({Kind::COPY, {}, {{0, x}, {1, from}}, {}});
    if (residual) runs.push_back({Kind::COPY, {}, {{0, y}, {1, to}}, {}});
  }
  int sums = length < k ? scratch({{rows, n}, f32, tag::ab}) : to;
  if (sums != to && residual) runs.push_back({Kind::WIDEN, {}, {{0, to}, {1, sums}}, {}});
  memory::desc published{{k, n}, f32, tag::ba};
  for (int begin = 0; begin < k; begin += length) {
    int terms = std::min(length, k - begin);
    if (begin > 0) description = piece(precision, terms, false, true);
    size_t offset = begin * memory::data_type_size(precision);
    buffers.push_back({description.src_desc(), buffers[from].slot, buffers[from].offset + offset});
    std::vector<std::pair<int, int>> arguments{{DNNL_ARG_SRC, static_cast<int>(buffers.size()) - 1}, {DNNL_ARG_DST, sums}};
    arguments.push_back(
        {DNNL_ARG_WEIGHTS, weights(Slot::SECOND, published.submemory_desc({terms, n}, {begin, 0}), description.weights_desc(), packed)});
    if (bias && begin == 0) arguments.push_back({DNNL_ARG_BIAS, operand(Slot::BIAS, description.bias_desc())});
    execute(dnnl::matmul(description), description.scratchpad_desc(), arguments);
  }
  if (sums != to) runs.push_back({Kind::NARROW, {}, {{0, sums}, {1, to}}, {}});
  if (alone) {
    buffers.push_back({{{m, n}, precision, tag::ab}, Slot::SCRATCH, buffers[to].offset});
    runs.push_back({Kind::COPY, {}, {{0, static_cast<int>(buffers.size()) - 1}, {1, y}}, {}});
  }
  return y;
}

void Primitive::product_backward_data(int wanted, int m, int n, int k, const Window* window) {
  using tag = memory::format_tag;
  auto f32 = memory::data_type::f32;
  // What is folded is summed once more: it stays f32 until then.
  auto written = [&](memory::data_type t) { return memory::desc{{m, k}, window ? f32 : t, tag::ab}; };
  auto description = describe(wanted, "matrix product", [&](memory::data_type t) {
    memory::desc w{{n, k}, t, t == f32 ? tag::ab : tag::any};
    return dnnl::matmul::primitive_desc(onednn_engine(), {{m, n}, t, tag::ab}, w, written(t), user_scratchpad(), true);
  }, window || m > FEW_ROWS);
  int dy = input(Slot::FIRST, {{m, n}, precision, tag::ab});
  int w = weights(Slot::SECOND, {{n, k}, f32, tag::ab}, description.weights_desc(), false);
  int dx = window ? scratch(written(precision)) : output(Slot::OUTPUT, written(precision), false);
  execute(dnnl::matmul(description), description.scratchpad_desc(), {{DNNL_ARG_SRC, dy}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, dx}});
  if (!window) return finish(dx, Slot::OUTPUT);
  implementation = "folded, " + implementation;
  memory::desc image{{window->batch, window->channels, window->height, window->width}, type, tag::nhwc};
  runs.push_back({Kind::FOLD, {}, {{0, dx}, {1, operand(Slot::OUTPUT, image)}}, *window});
}

void Primitive::unfolded_weight_gradient(int wanted, Slot left, int rows, Slot image, const Window& window) {
  using tag = memory::format_tag;
  int64_t pixels = window.pixels(), columns = window.taps();
  memory::desc gradient{{rows, columns}, memory::data_type::f32, tag::ab};
  auto description = describe(wanted, "matrix product", [&](memory::data_type t) {
    return dnnl::matmul::primitive_desc(onednn_engine(), {{rows, pixels}, t, tag::ba}, {{pixels, columns}, t, tag::ab}, gradient,
                                        user_scratchpad(), true);
  });
  int a = input(left, {{rows, pixels}, precision, tag::ba});
  int b = unfolded(image, window);
  execute(dnnl::matmul(description), description.scratchpad_desc(),
          {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, operand(Slot::OUTPUT, gradient)}});
}

void Primitive::reorder(int from, int to, std::vector<Step>& list) {
  dnnl::reorder::primitive_desc description(onednn_engine(), buffers[from].desc, onednn_engine(), buffers[to].desc, user_scratchpad());
  execute(dnnl::reorder(description), description.scratchpad_desc(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, &list);
}

void Primitive::execute(const dnnl::primitive& primitive, const memory::desc& scratchpad, std::vector<std::pair<int, int>> arguments,
                        std::vector<Step>* list) {
  if (scratchpad.get_size() > 0) arguments.push_back({DNNL_ARG_SCRATCHPAD, scratch(scratchpad)});
  (list ? *list : runs).push_back({Kind::EXECUTE, primitive, std::move(arguments), {}});
}

// A primitive with its addresses: what a replay needs and nothing else.
struct Bound {
  struct Step {
    Primitive::Kind kind;
    dnnl_primitive_t primitive;
    std::vector<dnnl_exec_arg_t> arguments;
    const void* from;
    void* to;
    int64_t rows, columns;
    float* partial;
    Window window;
  };
  std::vector<memory> memories;
  std::vector<Step> packs, runs;
  int type, precision;

  Bound(const Primitive& p, void* const* addresses)
      : type(p.type == memory::data_type::bf16), precision(p.precision == memory::data_type::bf16) {
    for (auto& buffer : p.buffers) {
      char* base = static_cast<char*>(addresses[static_cast<int>(buffer.slot)]);
      check(base != nullptr || buffer.desc.get_size() == 0, "operand ", static_cast<int>(buffer.slot), " of ", p.implementation,
            " has no address");
      memories.emplace_back(buffer.desc, onednn_engine(), base + buffer.offset);
    }
    for (auto& step : p.packs) packs.push_back(bind(p, step));
    for (auto& step : p.runs) runs.push_back(bind(p, step));
  }

  Step bind(const Primitive& p, const Primitive::Step& step) {
    Step bound{step.kind, nullptr, {}, nullptr, nullptr, 0, 0, nullptr, step.window};
    if (step.kind == Primitive::Kind::EXECUTE) {
      bound.primitive = step.primitive.get();
      for (auto [argument, buffer] : step.arguments) bound.arguments.push_back({argument, memories[buffer].get()});
      return bound;
    }
    const memory& from = memories[step.arguments[0].second];
    bound.from = from.get_data_handle();
    bound.to = memories[step.arguments[1].second].get_data_handle();
    auto& desc = p.buffers[step.arguments[0].second].desc;
    bound.columns = desc.get_dims().back();
    bound.rows = elements(desc) / bound.columns;
    if (step.kind == Primitive::Kind::PRELU) bound.columns = desc.get_dims()[1], bound.rows = elements(desc) / bound.columns;
    if (step.kind == Primitive::Kind::COPY) bound.rows = static_cast<int64_t>(desc.get_size()), bound.columns = 1;
    if (step.kind == Primitive::Kind::COLUMN_SUM) bound.partial = static_cast<float*>(memories[step.arguments[2].second].get_data_handle());
    return bound;
  }

  void run(const std::vector<Step>& steps) const {
    for (auto& step : steps) {
      switch (step.kind) {
        case Primitive::Kind::EXECUTE: {
          auto status = dnnl_primitive_execute(step.primitive, stream().get(), static_cast<int>(step.arguments.size()), step.arguments.data());
          check(status == dnnl_success, "oneDNN failed with status ", status);
          break;
        }
        case Primitive::Kind::COPY:
          if (step.from != step.to) copy(step.from, step.to, step.rows);
          break;
        case Primitive::Kind::WIDEN: FIZZY_SELECT(cast)(1, 0, step.from, step.to, step.rows * step.columns); break;
        case Primitive::Kind::NARROW: FIZZY_SELECT(cast)(0, 1, step.from, step.to, step.rows * step.columns); break;
        case Primitive::Kind::UNFOLD: FIZZY_SELECT(unfold)(precision, step.window, step.from, step.to); break;
        case Primitive::Kind::FOLD: FIZZY_SELECT(fold)(type, step.window, static_cast<const float*>(step.from), step.to); break;
        case Primitive::Kind::PRELU:
          FIZZY_SELECT(prelu)(precision, step.from, static_cast<const float*>(step.to), const_cast<void*>(step.from), step.rows,
                              static_cast<int>(step.columns));
          break;
        case Primitive::Kind::COLUMN_SUM:
          FIZZY_SELECT(column_sum)(type, step.from, static_cast<float*>(step.to), step.partial, step.rows, step.columns);
          break;
      }
    }
  }
};

void primitive_free(Primitive* primitive) { delete primitive; }
size_t primitive_scratch_bytes(const Primitive* primitive) { return primitive->scratch_bytes; }
size_t primitive_packed_bytes(const Primitive* primitive) { return primitive->packed_bytes; }
const char* primitive_implementation(const Primitive* primitive) { return primitive->implementation.c_str(); }

Bound* primitive_bind(const Primitive* primitive, const void* first, const void* second, const float* bias, const void* residual,
                      const float* slope, void* output, float* bias_gradient, void* scratch, void* packed) {
  void* addresses[] = {const_cast<void*>(first),
                       const_cast<void*>(second),
                       const_cast<float*>(bias),
                       const_cast<void*>(residual),
                       const_cast<float*>(slope),
                       output,
                       bias_gradient,
                       scratch,
                       packed};
  static_assert(sizeof addresses / sizeof *addresses == static_cast<size_t>(Slot::COUNT));
  return new Bound(*primitive, addresses);
}

void bound_free(Bound* bound) { delete bound; }
void bound_pack(const Bound* bound) { bound->run(bound->packs); }
void bound_run(const Bound* bound) { bound->run(bound->runs); }

}  // namespace fizzy
