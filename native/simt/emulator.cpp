#include "simt/emulator.h"

#include <memory>

#include "common/backend.h"
#include "kernels/all.h"
#include "simt/memory.h"

extern "C" fizzy::Backend* fizzy_cuda_backend(void* stream);  // common/cuda_backend.cu
extern "C" void fizzy_simt_lane_order(int order);             // runtime.cpp
extern "C" void fizzy_simt_clusters(bool has);

namespace simt {
namespace {

using namespace fizzy;

struct Mark {
  void operator()(void* memory, int type, int64_t elements) const { uninitialized(memory, elements * (type == 0 ? 4 : 2)); }
  template <typename T>
  void operator()(T* memory, int64_t elements) const {
    uninitialized(memory, elements * sizeof(T));
  }
};

class Emulator final : public Backend {
 public:
  std::string name() const override { return cuda->name(); }
  bool emulated() const override { return true; }
  FIZZY_OVERRIDES

 private:
  template <typename Call>
  void mark(const Call& call) const {
    outputs(call, Mark());
    if constexpr (requires { scratch_bytes(call); }) {
      if constexpr (requires { call.scratch; }) uninitialized(call.scratch, scratch_bytes(call));
      else uninitialized(call.forward.scratch, scratch_bytes(call));
    }
  }

  std::unique_ptr<Backend> cuda{fizzy_cuda_backend(nullptr)};
};

#define DEFINE_OPERATION(name, Call)      \
  void Emulator::name(const Call& call) { \
    mark(call);                           \
    cuda->name(call);                     \
  }
FIZZY_OPERATIONS(DEFINE_OPERATION)

#define DEFINE_SCRATCH_BYTES(Call) \
  int64_t Emulator::scratch_bytes(const Call& call) const { return cuda->scratch_bytes(call); }
FIZZY_SCRATCH(DEFINE_SCRATCH_BYTES)

#define DEFINE_IMPLEMENTATION(Call) \
  std::string Emulator::implementation(const Call& call) const { return cuda->implementation(call); }
FIZZY_CHOICES(DEFINE_IMPLEMENTATION)

}  // namespace

Backend& emulator() {
  static Emulator instance;
  return instance;
}

void lane_order(int order) { fizzy_simt_lane_order(order); }
void clusters_of_blocks(bool has) { fizzy_simt_clusters(has); }

}  // namespace simt
