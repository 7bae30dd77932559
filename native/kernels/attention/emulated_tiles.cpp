#include "kernels/attention/emulated_tiles.h"

#include "common/backend.h"
#include "fizzy/cpu.h"
#include "kernels/attention/tile_emulator.h"
// The emulator takes the intrinsics' names first.
#include "kernels/attention/driver.h"
#include "kernels/attention/tiles.h"

namespace fizzy {
namespace {

using FIZZY_LEVEL::TileProducts;

bool on_tiles(const Backend::Attention& call) { return call.type == 1 && call.width % PANEL_MAX == 0; }

template <typename Call, typename Otherwise>
void run(const Call& call, Otherwise otherwise) {
  if constexpr (std::is_same_v<Call, Backend::Attention>) {
    if (on_tiles(call)) return FIZZY_LEVEL::forward<TileProducts>(call);
  } else if constexpr (std::is_same_v<Call, Backend::AttentionBackward>) {
    if (on_tiles(call.forward)) return FIZZY_LEVEL::backward<TileProducts>(call);
  }
  otherwise();
}

class EmulatedTiles final : public Backend {
  std::string name() const override { return "emulated tiles"; }
  bool emulated() const override { return false; }
  FIZZY_OVERRIDES
};

#define DEFINE_OPERATION(name, Call)               \
  void EmulatedTiles::name(const Call& call) {     \
    run(call, [&] { cpu_backend()->name(call); }); \
  }
FIZZY_OPERATIONS(DEFINE_OPERATION)

#define DEFINE_SCRATCH_BYTES(Call) \
  int64_t EmulatedTiles::scratch_bytes(const Call& call) const { return cpu_backend()->scratch_bytes(call); }
FIZZY_SCRATCH(DEFINE_SCRATCH_BYTES)

#define DEFINE_IMPLEMENTATION(Call) \
  std::string EmulatedTiles::implementation(const Call& call) const { return cpu_backend()->implementation(call); }
FIZZY_CHOICES(DEFINE_IMPLEMENTATION)

}  // namespace

Backend& emulated_tiles() {
  static EmulatedTiles backend;
  return backend;
}

}  // namespace fizzy
