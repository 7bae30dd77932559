// The backend for GPUs, and for the emulator on the CPU: checks each call and launches it on the backend's stream.
#include "common/backend.h"
#include "common/cuda.cuh"
#include "kernels/all.h"

namespace fizzy {
namespace cuda {

#define DECLARE_OPERATION(name, Call) void name(const Backend::Call& call, void* stream);
FIZZY_OPERATIONS(DECLARE_OPERATION)
#define DECLARE_SCRATCH_BYTES(Call) int64_t scratch_bytes(const Backend::Call& call);
FIZZY_SCRATCH(DECLARE_SCRATCH_BYTES)
#define DECLARE_IMPLEMENTATION(Call) std::string implementation(const Backend::Call& call);
FIZZY_CHOICES(DECLARE_IMPLEMENTATION)

}  // namespace cuda

namespace {

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(void* stream) : stream(stream) {}
#ifdef __CUDACC__
  std::string name() const override {  // engine/cuda/MachineCode.java reads it
    return FIZZY_CUDA_ARCHITECTURES " of CUDA " + std::to_string(__CUDACC_VER_MAJOR__) + "." + std::to_string(__CUDACC_VER_MINOR__);
  }
  bool emulated() const override { return false; }
#else
  std::string name() const override { return "simt"; }
  bool emulated() const override { return true; }
#endif
  FIZZY_OVERRIDES

 private:
  void* stream;
};

#define DEFINE_OPERATION(name, Call)         \
  void CudaBackend::name(const Call& call) { \
    cuda::Range range(#name);                \
    check_types(#name, call);                \
    validate(call);                          \
    cuda::name(call, stream);                \
  }
FIZZY_OPERATIONS(DEFINE_OPERATION)

#define DEFINE_SCRATCH_BYTES(Call) \
  int64_t CudaBackend::scratch_bytes(const Call& call) const { return cuda::scratch_bytes(call); }
FIZZY_SCRATCH(DEFINE_SCRATCH_BYTES)

#define DEFINE_IMPLEMENTATION(Call) \
  std::string CudaBackend::implementation(const Call& call) const { return cuda::implementation(call); }
FIZZY_CHOICES(DEFINE_IMPLEMENTATION)

}  // namespace
}  // namespace fizzy

extern "C" __attribute__((visibility("default"))) fizzy::Backend* fizzy_cuda_backend(void* stream) { return new fizzy::CudaBackend(stream); }
