#include "common/onednn.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "common/level.h"
#include "common/parallel.h"
#include "fizzy/cpu.h"
#include "kernels/column_sum/column_sum.h"

namespace fizzy {
using dnnl::memory;

namespace {

constexpr size_t ALIGN = 64;
constexpr int64_t COPY_GRAIN = 1 << 18;  // bytes: half a level-2 cache

dnnl::stream& stream() {
  thread_local dnnl::stream s(onednn_engine());
  return s;
}

size_t aligned(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

int64_t elements(const memory::desc& desc) {
  int64_t n = 1;
  for (auto d : desc.get_dims()) n *= d;
  return n;
}

// Passes the cap on the instruction set to oneDNN, which accepts it only before its first primitive.
void cap_instruction_set() {
  if (cpu_level() >= cpu_level_available()) return;
  if (level() == AVX2 || level() == WIDE) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  else if (level() == AVX512) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core);
  else if (level() == AVX512_BF16) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_bf16);
}

// A primitive with its arguments; as dnnl::primitive::execute, without the allocations.
struct Call {
  dnnl::primitive primitive;
  std::vector<memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;

  void add(int argument, const memory& m) {
    memories.push_back(m);
    arguments.push_back({argument, m.get()});
  }
  dnnl_status_t operator()() const {
    return dnnl_primitive_execute(primitive.get(), stream().get(), static_cast<int>(arguments.size()), arguments.data());
  }
};

void check_status(int status) { check(status == dnnl_success, "oneDNN failed with status ", status); }

// One thread's tiles of one shape: the thread has memory objects of its own, whose addresses it moves from tile to tile.
struct BoundTiles {
  Call call;
  std::vector<TileOperand> operands;
  std::vector<char*> first;

  BoundTiles(const Tiles& tiles, const Addresses& at) : call{tiles.primitive, {}, {}}, operands(tiles.operands) {
    for (auto& o : operands) {
      call.add(o.argument, at.memory(o.buffer));
      first.push_back(at.as<char>(o.buffer));
    }
  }
  int operator()(int64_t outer, int64_t inner) const {
    for (size_t i = 0; i < operands.size(); i++) {
      auto status = dnnl_memory_set_data_handle(call.memories[i].get(), first[i] + outer * operands[i].outer + inner * operands[i].inner);
      if (status != dnnl_success) return status;
    }
    return call();
  }
};

// A thread's share of the tiles. Every run gives a thread the same, whose data may be in its caches; when it is done, it takes from the
// shares of others, whose processors may be busy with another process.
struct alignas(64) Share {
  std::atomic<int64_t> next{0};
  int64_t end = 0;

  void set(int64_t begin, int64_t past) {
    next = begin;
    end = past;
  }
  // The next tile; -1 if none is left.
  int64_t take() {
    int64_t i = next.fetch_add(1, std::memory_order_relaxed);
    return i < end ? i : -1;
  }
};

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

void* Addresses::operator[](int buffer) const {
  auto& b = primitive.buffers[buffer];
  char* base = static_cast<char*>(slots[static_cast<int>(b.slot)]);
  check(base != nullptr || b.desc.get_size() == 0, "operand ", static_cast<int>(b.slot), " of ", primitive.implementation, " has no address");
  return base + b.offset;
}

memory Addresses::memory(int buffer) const { return {primitive.buffers[buffer].desc, onednn_engine(), (*this)[buffer]}; }

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

int Primitive::view(int buffer, const memory::desc& desc, size_t offset) {
  buffers.push_back({desc, buffers[buffer].slot, buffers[buffer].offset + offset});
  return static_cast<int>(buffers.size()) - 1;
}

void Primitive::cast(int from_type, int from, int to) {
  step(from, to, [from_type, n = elements(buffers[from].desc)](const void* source, void* target) {
    cpu_backend()->cast({from_type, 1 - from_type, source, target, n});
  });
}

void Primitive::copy(int from, int to, int64_t bytes) {
  step(from, to, [bytes](const void* source, void* target) {
    if (source == target) return;
    parallel_chunks(bytes, COPY_GRAIN, [&](int64_t begin, int64_t end) {
      std::memcpy(static_cast<char*>(target) + begin, static_cast<const char*>(source) + begin, end - begin);
    });
  });
}

int Primitive::input(Slot slot, const memory::desc& in_precision) {
  int given = operand(slot, in_precision);
  if (precision == type) return given;
  int wide = scratch(in_precision);
  cast(1, given, wide);
  return wide;
}

int Primitive::output(Slot slot, const memory::desc& in_precision, bool residual) {
  int to = precision == type ? operand(slot, in_precision) : scratch(in_precision);
  if (!residual) return to;
  int from = operand(Slot::RESIDUAL, in_precision);
  if (precision == type) copy(from, to, static_cast<int64_t>(in_precision.get_size()));
  else cast(1, from, to);
  return to;
}

void Primitive::finish(int output, Slot slot) {
  if (precision != type) cast(0, output, operand(slot, buffers[output].desc));
}

int Primitive::weights(Slot slot, const memory::desc& published, const memory::desc& wanted, bool once) {
  return weights(operand(slot, published), wanted, once);
}

int Primitive::weights(int published, const memory::desc& wanted, bool once) {
  Buffer from = buffers[published];
  for (auto& w : converted)
    if (w.published.slot == from.slot && w.published.offset == from.offset && w.published.desc == from.desc && w.wanted == wanted)
      return w.buffer;
  int to = published;
  if (from.desc != wanted) {
    int source = once ? published : rounded(published, wanted);
    to = once ? packed(wanted) : scratch(wanted);
    reorder(source, to, once ? packs : runs);
  }
  converted.push_back({from, wanted, to});
  return to;
}

// oneDNN reorders f32 to blocks of bf16 slowly, and bf16 to bf16 fast. Nanoseconds a weight, one thread of a Zen 4, directly and in steps: a
// matrix product .44 and .23, its gradient 1.04 and .14, a 3x3 convolution of 384 channels 1.40 and .53, its gradient .71 and .35.
int Primitive::rounded(int from, const memory::desc& wanted) {
  using tag = memory::format_tag;
  auto bf16 = memory::data_type::bf16;
  memory::desc published = buffers[from].desc;
  auto dims = published.get_dims();
  memory::desc plain{dims, bf16, published.get_strides()};
  if (published.get_data_type() != memory::data_type::f32 || wanted.get_data_type() != bf16 || plain == wanted) return from;
  if (temporary < 0 || buffers[temporary].desc.get_size() < plain.get_size()) temporary = scratch(plain);
  int as_published = view(temporary, plain);
  reorder(from, as_published, runs);
  // Blocks with pairs of input channels are made of filters with the channels last.
  bool filters = dims.size() == 4 && dims[2] * dims[3] > 1 && plain == memory::desc{dims, bf16, tag::oihw};
  if (!filters || wanted.get_inner_nblks() == 0 || wanted.get_inner_idxs().back() != 1) return as_published;
  int channels_last = scratch({dims, bf16, tag::ohwi});
  reorder(as_published, channels_last, runs);
  return channels_last;
}

void Primitive::prelu(int output, const memory::desc& slope) {
  auto& desc = buffers[output].desc;
  int64_t columns = desc.get_dims()[1], rows = elements(desc) / columns;
  bool bf16 = precision == memory::data_type::bf16;
  step(operand(Slot::SLOPE, slope), output, [=](const void* slopes, void* y) {
    cpu_backend()->prelu({bf16, y, static_cast<const float*>(slopes), y, rows, static_cast<int>(columns)});
  });
}

void Primitive::column_sum(Slot slot, int64_t rows, int64_t columns) {
  using tag = memory::format_tag;
  auto f32 = memory::data_type::f32;
  int from = operand(slot, {{rows, columns}, type, tag::ab});
  int to = operand(Slot::BIAS_GRADIENT, {{columns}, f32, tag::a});
  int partial = scratch({{column_sum_chunks(rows), columns}, f32, tag::ab});
  bool bf16 = type == memory::data_type::bf16;
  runs.push_back([=](const Addresses& at) -> Run {
    return
        [=, x = at[from], y = at.as<float>(to), sums = at.as<float>(partial)] { cpu_backend()->column_sum({bf16, x, y, rows, columns, sums}); };
  });
}

void Primitive::reorder(int from, int to, std::vector<Step>& list) {
  dnnl::reorder::primitive_desc description(onednn_engine(), buffers[from].desc, onednn_engine(), buffers[to].desc, user_scratchpad());
  execute(dnnl::reorder(description), description.scratchpad_desc(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, &list);
}

void Primitive::execute(const dnnl::primitive& primitive, const memory::desc& scratchpad, Arguments arguments, std::vector<Step>* list) {
  if (scratchpad.get_size() > 0) arguments.push_back({DNNL_ARG_SCRATCHPAD, scratch(scratchpad)});
  (list ? *list : runs).push_back([=](const Addresses& at) -> Run {
    Call call{primitive, {}, {}};
    for (auto [argument, buffer] : arguments) call.add(argument, at.memory(buffer));
    return [call] { check_status(call()); };
  });
}

void Primitive::tiles(int64_t outer, const std::vector<Tiles>& inner) {
  int workers = threads();
  std::vector<std::vector<Tiles>> shares(workers, inner);
  int64_t count = 0;
  for (auto& tiles : inner) count += tiles.count;
  for (auto& share : shares)
    for (auto& tiles : share)
      if (tiles.scratchpad.get_size() > 0) tiles.operands.push_back({DNNL_ARG_SCRATCHPAD, scratch(tiles.scratchpad)});
  runs.push_back([=](const Addresses& at) -> Run {
    std::vector<std::vector<BoundTiles>> bound(workers);
    for (int w = 0; w < workers; w++)
      for (auto& tiles : shares[w]) bound[w].emplace_back(tiles, at);
    std::vector<int64_t> counts;
    for (auto& tiles : inner) counts.push_back(tiles.count);
    auto shares_left = std::make_shared<std::vector<Share>>(workers);
    return [=] {
      std::atomic<int> failed = dnnl_success;
      int64_t all = outer * count;
      for (int w = 0; w < workers; w++) (*shares_left)[w].set(w * all / workers, (w + 1) * all / workers);
#pragma omp parallel num_threads(workers)
      {
        int self = omp_get_thread_num();
        for (int w = 0; w < workers; w++) {
          Share& share = (*shares_left)[(self + w) % workers];
          for (int64_t i; (i = share.take()) >= 0;) {
            int64_t within = i % count;
            size_t shape = 0;
            while (within >= counts[shape]) within -= counts[shape++];
            int status = bound[self][shape](i / count, within);
            if (status != dnnl_success) failed = status;
          }
        }
      }
      check_status(failed);
    };
  });
}

// A primitive with its addresses: all that a replay needs.
struct Bound {
  std::vector<Primitive::Run> packs, runs;
};

void primitive_free(Primitive* primitive) { delete primitive; }
size_t primitive_scratch_bytes(const Primitive* primitive) { return primitive->scratch_bytes; }
size_t primitive_packed_bytes(const Primitive* primitive) { return primitive->packed_bytes; }
const char* primitive_implementation(const Primitive* primitive) { return primitive->implementation.c_str(); }

Bound* primitive_bind(const Primitive* primitive, const void* first, const void* second, const float* bias, const void* residual,
                      const float* slope, const float* reach, void* output, float* bias_gradient, void* scratch, void* packed) {
  void* slots[] = {const_cast<void*>(first),
                   const_cast<void*>(second),
                   const_cast<float*>(bias),
                   const_cast<void*>(residual),
                   const_cast<float*>(slope),
                   const_cast<float*>(reach),
                   output,
                   bias_gradient,
                   scratch,
                   packed};
  static_assert(sizeof slots / sizeof *slots == static_cast<size_t>(Slot::COUNT));
  Addresses at(*primitive, slots);
  auto bound = std::make_unique<Bound>();
  for (auto& step : primitive->packs) bound->packs.push_back(step(at));
  for (auto& step : primitive->runs) bound->runs.push_back(step(at));
  return bound.release();
}

void bound_free(Bound* bound) { delete bound; }

void bound_pack(const Bound* bound) {
  for (auto& run : bound->packs) run();
}

void bound_run(const Bound* bound) {
  for (auto& run : bound->runs) run();
}

}  // namespace fizzy
