// Records the launches of our kernels instead of running them.
#include "simt/launches.h"

#include <elf.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>

#include "common/backend.h"
#include "simt/simt.h"

extern "C" fizzy::Backend* fizzy_cuda_backend(void* stream);
extern "C" void fizzy_simt_submit_to(void (*submit)(void*, void (*)(void*), void (*)(void*), void*));

namespace report {
namespace {

// Mangled names by address, of static functions too, from the program's own symbol table. The program is linked with -no-pie, so that the
// table's addresses are those in memory.
std::map<uint64_t, std::string> functions() {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  const std::string program{std::istreambuf_iterator<char>(in), {}};
  auto header = reinterpret_cast<const Elf64_Ehdr*>(program.data());
  auto sections = reinterpret_cast<const Elf64_Shdr*>(program.data() + header->e_shoff);
  std::map<uint64_t, std::string> names;
  for (int s = 0; s < header->e_shnum; s++) {
    if (sections[s].sh_type != SHT_SYMTAB) continue;
    auto symbols = reinterpret_cast<const Elf64_Sym*>(program.data() + sections[s].sh_offset);
    const char* text = program.data() + sections[sections[s].sh_link].sh_offset;
    for (size_t i = 0; i < sections[s].sh_size / sizeof *symbols; i++)
      if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC) names[symbols[i].st_value] = text + symbols[i].st_name;
  }
  return names;
}

std::vector<Operation> recorded;

void record(void*, void (*)(void*), void (*drop)(void*), void* work) {
  static const std::map<uint64_t, std::string> names = functions();
  auto launch = static_cast<simt::Launch*>(work);
  auto kernel = *static_cast<const uint64_t*>(launch->given.get());  // the address of the kernel, before its arguments
  recorded.back().launches.push_back(
      {names.at(kernel), 1ull * launch->grid.x * launch->grid.y * launch->grid.z, launch->threads, launch->shared_bytes});
  drop(work);
}

void operation(const std::string& name, const std::string& shape, double bytes, double flops, char unit, const std::function<void()>& run) {
  recorded.push_back({name, shape, bytes, flops, unit, {}, 0});
  run();
}

// Elements of the largest tensor of a call.
template <typename Call>
int64_t elements(const Call& o) {
  if constexpr (requires { o.forward; }) return elements(o.forward);
  else if constexpr (requires { o.queries; }) return int64_t{3} * o.batch * std::max(o.queries, o.keys) * o.heads * o.width;
  else if constexpr (requires { o.b * o.p * o.c; }) return int64_t{o.b} * o.p * o.c;
  else if constexpr (requires { o.b * o.h * o.w * o.c; }) return int64_t{o.b} * o.h * o.w * o.c;
  else if constexpr (requires { o.rows * o.columns; }) return int64_t{o.rows} * o.columns;
  else if constexpr (requires { o.rows * o.a_columns; }) return int64_t{o.rows} * (o.a_columns + o.b_columns);
  else if constexpr (requires { o.rows * o.c; }) return int64_t{o.rows} * o.c;
  else if constexpr (requires { o.batch * o.n; }) return int64_t{o.batch} * o.n;
  else if constexpr (requires { o.b * o.n; }) return int64_t{o.b} * o.n;
  else if constexpr (requires { o.positions; }) return o.positions * o.width;
  else if constexpr (requires { o.n; }) return o.n;
  else return 0;
}

// Notes the sizes of tensors, and passes calls on.
class Recorder final : public fizzy::Backend {
 public:
  std::string name() const override { return cuda->name(); }
  bool emulated() const override { return true; }
  FIZZY_OVERRIDES

 private:
  std::unique_ptr<fizzy::Backend> cuda{fizzy_cuda_backend(nullptr)};
};

#define DEFINE_OPERATION(name, Call)          \
  void Recorder::name(const Call& call) {     \
    recorded.back().largest = elements(call); \
    cuda->name(call);                         \
  }
FIZZY_OPERATIONS(DEFINE_OPERATION)

#define DEFINE_SCRATCH_BYTES(Call) \
  int64_t Recorder::scratch_bytes(const Call& call) const { return cuda->scratch_bytes(call); }
FIZZY_SCRATCH(DEFINE_SCRATCH_BYTES)

#define DEFINE_IMPLEMENTATION(Call) \
  std::string Recorder::implementation(const Call& call) const { return cuda->implementation(call); }
FIZZY_CHOICES(DEFINE_IMPLEMENTATION)

std::string text(std::vector<int> sizes) {
  std::string s;
  for (int v : sizes) {
    if (!s.empty()) s += 'x';
    s += std::to_string(v);
  }
  return s;
}

// Addresses that are never dereferenced.
template <typename T>
T* somewhere() {
  return reinterpret_cast<T*>(uintptr_t{1} << 20);
}

}  // namespace

std::vector<Operation> operations(int images, int faces) {
  using fizzy::Backend;
  recorded.clear();
  fizzy_simt_submit_to(record);
  Recorder recorder;
  Backend& gpu = recorder;
  const int B = images;
  constexpr int BF16 = 1;
  auto p = somewhere<void>();
  auto f = somewhere<float>();
  auto i = somewhere<int>();
  struct Level {
    int pixels, channels;
  };
  for (Level l :
       {Level{1024, 96}, Level{1024, 288}, Level{256, 192}, Level{256, 576}, Level{64, 384}, Level{64, 1152}, Level{16, 768}, Level{16, 1536}}) {
    double n = double(B) * l.pixels * l.channels;
    std::string shape = text({B, l.pixels, l.channels});
    Backend::GroupNorm norm{BF16, p, f, f, p, p, B, nullptr, p, f, f, B, l.pixels, l.channels, 32, 1e-5f, true, p};
    operation("group_norm", shape, 4 * n, 20 * n, ' ', [&] { gpu.group_norm(norm); });
    operation("group_norm_backward", shape, 6 * n, 40 * n, ' ', [&] { gpu.group_norm_backward({norm, p, p, f, f, p, p}); });
  }
  operation("group_norm", text({B, 16384, 128}), 6. * B * 16384 * 128, 20. * B * 16384 * 128, ' ',
            [&] { gpu.group_norm({BF16, p, f, f, nullptr, nullptr, 0, nullptr, p, f, f, B, 16384, 128, 32, 1e-6f, true, p}); });
  struct Heads {
    int queries, keys, heads, width;
  };
  for (Heads h : {Heads{256, 256, 6, 32}, Heads{64, 64, 12, 32}, Heads{16, 16, 24, 32}, Heads{256, 32, 6, 32}, Heads{64, 32, 12, 32},
                  Heads{16, 32, 24, 32}, Heads{1024, 1024, 3, 64}}) {
    double c = double(B) * h.heads * h.width, products = 2. * c * h.queries * h.keys;
    void* kv = h.keys == h.queries ? nullptr : p;
    std::string shape = text({B, h.queries, h.keys, h.heads, h.width});
    Backend::Attention heads{BF16, B, h.queries, h.keys, h.heads, h.width, p, kv, p, f, 0, p};
    operation("attention", shape, 2 * c * (2 * h.queries + 2 * h.keys), 2 * products, 't', [&] { gpu.attention(heads); });
    operation("attention_backward", shape, 2 * c * (4 * h.queries + 4 * h.keys), 7 * products, 't',
              [&] { gpu.attention_backward({heads, p, p, kv}); });
  }
  operation("cached_attention", text({B, 256, 6, 32}), 4. * B * 256 * 192, 4. * B * 256 * 192, ' ',
            [&] { gpu.cached_attention({BF16, B, 256, 6, 32, p, i, p, p}); });
  double latent = double(B) * 3072, feed = double(B) * 256 * 1536, weights = 216341187;
  operation("activation", text({B, 256, 1536}), 4 * feed, 10 * feed, ' ', [&] { gpu.activation({BF16, 1, p, p, int64_t(feed)}); });
  operation("activation_backward", text({B, 256, 1536}), 6 * feed, 20 * feed, ' ',
            [&] { gpu.activation_backward({BF16, 1, p, p, p, int64_t(feed)}); });
  operation("add", text({B, 256, 192}), 6. * B * 256 * 192, 1. * B * 256 * 192, ' ', [&] { gpu.add({BF16, p, p, p, B * 256 * 192}); });
  operation("concat", text({B, 256, 384}), 4. * B * 256 * 384, 0, ' ', [&] { gpu.concat({BF16, p, p, p, B * 256, 192, 192}); });
  operation("upsample", text({B, 8, 8, 384}), 10. * B * 64 * 384, 0, ' ', [&] { gpu.upsample({BF16, p, p, B, 8, 8, 384}); });
  operation("column_sum", text({B * 256, 192}), 2. * B * 256 * 192, 1. * B * 256 * 192, ' ',
            [&] { gpu.column_sum({BF16, p, f, B * 256, 192, p}); });
  operation("column_sum", text({B * 16384, 128}), 2. * B * 16384 * 128, 1. * B * 16384 * 128, ' ',
            [&] { gpu.column_sum({BF16, p, f, int64_t{B} * 16384, 128, p}); });
  operation("q_sample", text({B, 3072}), 10 * latent, 120 * latent, ' ', [&] { gpu.q_sample({BF16, false, f, f, f, i, i, 0, p, f, B, 3072}); });
  operation("projected_guidance", text({B, 3072}), 12 * latent, 14 * latent, ' ',
            [&] { gpu.projected_guidance({BF16, f, p, f, i, false, 20, 0, f, B, 3072}); });
  operation("sampler_step", text({B, 3072}), 20 * latent, 130 * latent, ' ',
            [&] { gpu.sampler_step({BF16, true, f, p, f, 1, f, i, 20, i, i, 0, B, 3072}); });
  operation("loss", text({B, 3072}), 6 * latent, 3 * latent, ' ', [&] { gpu.loss({BF16, 0, 0, p, p, f, int64_t(latent), p}); });
  operation("vector_quantize", text({B * 1024, 8192, 3}), 8. * B * 1024 * 3, 3. * B * 1024 * 8192 * 3, ' ',
            [&] { gpu.vector_quantize({BF16, p, f, p, i, f, .25f, B * 1024, 8192, 3, p}); });
  operation("adam", "216341187", 42 * weights, 20 * weights, ' ', [&] { gpu.adam({f, f, f, f, f, f, p, f, int64_t(weights), p}); });
  const int FACES = faces;
  constexpr int PEOPLE = 10000;
  for (Level l : {Level{112 * 112, 64}, Level{56 * 56, 64}, Level{28 * 28, 128}, Level{14 * 14, 256}, Level{7 * 7, 512}}) {
    int64_t rows = int64_t{FACES} * l.pixels;
    double n = double(rows) * l.channels;
    std::string shape = text({FACES, l.pixels, l.channels});
    Backend::BatchNorm norm{BF16, true, p, f, f, f, nullptr, p, f, f, f, f, rows, l.channels, 1e-5f, .1f, p};
    operation("batch_norm", shape, 6 * n, 10 * n, ' ', [&] { gpu.batch_norm(norm); });
    operation("batch_norm_backward", shape, 10 * n, 20 * n, ' ', [&] { gpu.batch_norm_backward({norm, p, p, f, f, f}); });
  }
  double logits = double(FACES) * PEOPLE, recognizer = 43590848 + 512. * PEOPLE;
  operation("l2_normalize", text({PEOPLE, 512}), 8. * PEOPLE * 512, 3. * PEOPLE * 512, ' ', [&] { gpu.l2_normalize({f, f, f, PEOPLE, 512}); });
  Backend::MarginSoftmax margin{f, i, f, 64, f, f, f, FACES, PEOPLE, p};
  operation("margin_softmax", text({FACES, PEOPLE}), 4 * logits, 5 * logits, ' ', [&] { gpu.margin_softmax(margin); });
  operation("margin_softmax_backward", text({FACES, PEOPLE}), 8 * logits, 5 * logits, ' ', [&] { gpu.margin_softmax_backward({margin, f, f}); });
  operation("sgd", std::to_string(int64_t(recognizer)), 26 * recognizer, 8 * recognizer, ' ',
            [&] { gpu.sgd({f, f, f, f, p, f, int64_t(recognizer), p}); });
  operation("max_pool", text({1, 150, 150, 10}), 4. * 150 * 150 * 10 * 1.25, 3. * 75 * 75 * 10, ' ',
            [&] { gpu.max_pool({0, p, p, 1, 150, 150, 10, 2, 2, 0, 0, 75, 75}); });
  struct Map {
    int side, channels, k, stride;
  };
  for (Map m : {Map{56, 64, 3, 1}, Map{56, 128, 3, 2}, Map{28, 128, 3, 1}, Map{28, 256, 3, 2}, Map{14, 256, 3, 1},
                Map{7, 512, 7, 1}}) {  // MobileFaceNet
    int pad = m.k == 7 ? 0 : 1, out = (m.side + 2 * pad - m.k) / m.stride + 1;
    double read = double(FACES) * m.side * m.side * m.channels, written = double(FACES) * out * out * m.channels;
    Backend::DepthwiseConvolution call{BF16, p, f, f, f, p, FACES, m.side, m.side, m.channels, m.k, m.k, m.stride, pad, pad, out, out};
    std::string shape = text({FACES, m.side, m.side, m.channels, m.k, m.stride});
    operation("depthwise_convolution", shape, 2 * (read + written), 2. * m.k * m.k * written, ' ', [&] { gpu.depthwise_convolution(call); });
    operation("depthwise_convolution_backward", shape, 2 * (read + written), 2. * m.k * m.k * written, ' ',
              [&] { gpu.depthwise_convolution_backward({call, p, p, nullptr, nullptr, p}); });
  }
  return recorded;
}

}  // namespace report
