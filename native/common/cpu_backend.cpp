// The backend for the CPU: checks each call and passes it to the implementation of the active instruction-set level.
#include <cmath>

#include "common/backend.h"
#include "common/level.h"
#include "fizzy/cpu.h"
#include "kernels/all.h"

namespace fizzy {

#define DECLARE_LEVELS(name, Call) FIZZY_KERNEL(name, const Backend::Call& call)
FIZZY_OPERATIONS(DECLARE_LEVELS)

namespace cpu {

// For operations whose implementation depends on the level alone.
template <typename Call>
std::string implementation(const Call&) {
  return level_name(level());
}

}  // namespace cpu

namespace {

class CpuBackend final : public Backend {
  std::string name() const override { return level_name(level()); }
  bool emulated() const override { return false; }
  FIZZY_OVERRIDES
};

#define DEFINE_OPERATION(name, Call)        \
  void CpuBackend::name(const Call& call) { \
    check_types(#name, call);               \
    validate(call);                         \
    validate_data(call);                    \
    FIZZY_SELECT(name)(call);               \
  }
FIZZY_OPERATIONS(DEFINE_OPERATION)

#define DEFINE_SCRATCH_BYTES(Call) \
  int64_t CpuBackend::scratch_bytes(const Call& call) const { return cpu::scratch_bytes(call); }
FIZZY_SCRATCH(DEFINE_SCRATCH_BYTES)

#define DEFINE_IMPLEMENTATION(Call) \
  std::string CpuBackend::implementation(const Call& call) const { return cpu::implementation(call); }
FIZZY_CHOICES(DEFINE_IMPLEMENTATION)

}  // namespace

Backend* cpu_backend() {
  static CpuBackend backend;
  return &backend;
}

}  // namespace fizzy
