#include "gpu/device.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "common/backend.h"
#include "fizzy/cpu.h"
#include "gpu/blocks.h"

namespace gpu {
namespace {

using namespace fizzy;

// libcudart.so.13, found as the engine finds it.
class Runtime {
 public:
  Runtime() {
    ask("opening the GPU", "cudaSetDevice", 0);
    ask("making a stream", "cudaStreamCreateWithFlags", &stream, 1u);
  }
  void* reserve(const char* call, size_t bytes) const {
    void* memory = nullptr;
    if (std::strcmp(call, "cudaHostAlloc") == 0) ask("allocating", call, &memory, bytes, 0u);
    else ask("allocating", call, &memory, bytes);
    return memory;
  }
  void release(const char* call, void* memory) const { ask("freeing", call, memory); }
  void copy(void* to, const void* from, size_t bytes, bool to_device) const {
    if (bytes) ask("copying", "cudaMemcpyAsync", to, from, bytes, to_device ? 1 : 2, stream);
  }
  void wait() const { ask("waiting for the GPU", "cudaStreamSynchronize", stream); }

  void* stream = nullptr;

 private:
  template <typename... A>
  void ask(const char* what, const char* name, A... arguments) const {
    int status = function<int(A...)>(name)(arguments...);
    check(status == 0, what, ": ", status ? function<const char*(int)>("cudaGetErrorString")(status) : "");
  }
  template <typename F>
  F* function(const char* name) const {
    check(library != nullptr, "libcudart.so.13 was not found");
    void* found = dlsym(library, name);
    check(found != nullptr, "libcudart.so.13 has no ", name);
    return reinterpret_cast<F*>(found);
  }

  void* library = dlopen("libcudart.so.13", RTLD_NOW);
};

// The tensors of one call, packed into one block on either side. A copy keeps its address modulo 256, so that what is misaligned stays so.
class Staging {
 public:
  explicit Staging(const Runtime& runtime) : runtime(runtime) {}

  // The call with addresses on the device, to which everything has been copied.
  template <typename Call>
  Call there(const Call& call) {
    static_assert(std::is_trivially_copyable_v<Call>);
    pieces.clear();
    used = 0;
    constexpr size_t WORDS = sizeof(Call) / sizeof(uintptr_t);
    uintptr_t words[WORDS];
    std::memcpy(words, &call, sizeof words);
    for (uintptr_t word : words) add(word);
    reserve();
    for (const Piece& p : pieces) std::memcpy(host + p.at, p.block.begin, p.block.bytes);
    runtime.copy(device, host, used, true);
    for (uintptr_t& word : words)
      if (const Piece* p = piece_of(word)) word = reinterpret_cast<uintptr_t>(device) + p->at + (word - begin(*p));
    Call copy = call;
    std::memcpy(static_cast<void*>(&copy), words, sizeof words);
    return copy;
  }

  // Copies back whole allocations, and of windows what the call has changed, since they hold other data too.
  void back() {
    runtime.copy(host, device, used, false);
    runtime.wait();
    for (const Piece& p : pieces) {
      if (p.block.whole) std::memcpy(p.block.begin, host + p.at, p.block.bytes);
      for (size_t i = 0; i < p.before.size(); i++)
        if (host[p.at + i] != p.before[i]) p.block.begin[i] = host[p.at + i];
    }
  }

 private:
  struct Piece {
    Block block;
    size_t at;
    std::vector<char> before;  // of a window
  };
  static uintptr_t begin(const Piece& p) { return reinterpret_cast<uintptr_t>(p.block.begin); }

  const Piece* piece_of(uintptr_t address) const {
    auto found =
        std::find_if(pieces.begin(), pieces.end(), [&](const Piece& p) { return address >= begin(p) && address < begin(p) + p.block.bytes; });
    return found == pieces.end() ? nullptr : &*found;
  }

  // A word that is no address is left alone.
  void add(uintptr_t word) {
    if (piece_of(word)) return;
    Block block = block_of(word);
    if (block.bytes == 0) return;
    size_t at = (used + 255) / 256 * 256 + reinterpret_cast<uintptr_t>(block.begin) % 256;
    pieces.push_back({block, at, {block.begin, block.begin + (block.whole ? 0 : block.bytes)}});
    used = at + block.bytes;
  }

  void reserve() {
    if (used <= capacity) return;
    if (host) runtime.release("cudaFreeHost", host), runtime.release("cudaFree", device);
    capacity = std::max(2 * used, size_t{1} << 24);
    host = static_cast<char*>(runtime.reserve("cudaHostAlloc", capacity));
    device = static_cast<char*>(runtime.reserve("cudaMalloc", capacity));
  }

  const Runtime& runtime;
  std::vector<Piece> pieces;
  size_t used = 0, capacity = 0;
  char *host = nullptr, *device = nullptr;
};

class Device final : public Backend {
 public:
  explicit Device(const char* library) : cuda(cuda_backend(library, runtime.stream)) {}
  std::string name() const override { return cuda->name(); }
  bool emulated() const override { return cuda->emulated(); }
  FIZZY_OVERRIDES

 private:
  Runtime runtime;
  Staging staging{runtime};
  std::unique_ptr<Backend> cuda;
};

#define DEFINE_OPERATION(name, Call)    \
  void Device::name(const Call& call) { \
    cuda->name(staging.there(call));    \
    staging.back();                     \
  }
FIZZY_OPERATIONS(DEFINE_OPERATION)

#define DEFINE_SCRATCH_BYTES(Call) \
  int64_t Device::scratch_bytes(const Call& call) const { return cuda->scratch_bytes(call); }
FIZZY_SCRATCH(DEFINE_SCRATCH_BYTES)

#define DEFINE_IMPLEMENTATION(Call) \
  std::string Device::implementation(const Call& call) const { return cuda->implementation(call); }
FIZZY_CHOICES(DEFINE_IMPLEMENTATION)

}  // namespace

Backend& device(const char* library) {
  static Device* instance = new Device(library);  // never freed: the driver may end before static objects do
  return *instance;
}

}  // namespace gpu
