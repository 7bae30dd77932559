// The tile instructions of AMX-BF16 in plain C++, for tests on processors without AMX: included before the code that uses the intrinsics,
// it takes their names. Arithmetic is that of Intel's manual (TDPBF16PS): sums of the even and the odd products, one after the other, are
// added, and their sum is added to the tile.
#pragma once
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "common/bf16.h"
#include "common/check.h"

namespace fizzy::tile_emulator {

constexpr int ROWS = 16, ROW_BYTES = 64, WORDS = ROW_BYTES / 4, TILES = 8;

// As the instruction reads it.
struct Configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

struct Registers {
  bool configured = false;
  uint32_t tile[TILES][ROWS][WORDS];
};
inline thread_local Registers registers;

inline auto& tile(int i) {
  check(registers.configured, "a tile is used before its configuration is loaded");
  return registers.tile[i];
}

inline void load_configuration(const void* from) {
  Configuration c;
  static_assert(sizeof c == 64);
  std::memcpy(&c, from, sizeof c);
  for (int i = 0; i < TILES; i++)
    check(c.palette == 1 && c.start_row == 0 && c.row_bytes[i] == ROW_BYTES && c.rows[i] == ROWS, "tile ", i, " is not 16 rows of 64 bytes");
  registers.configured = true;
}
inline void release() { registers.configured = false; }
inline void zero(int to) { std::memset(tile(to), 0, sizeof registers.tile[0]); }
inline void load(int to, const void* from, int64_t stride) {
  for (int r = 0; r < ROWS; r++) std::memcpy(tile(to)[r], static_cast<const char*>(from) + r * stride, ROW_BYTES);
}
inline void store(int from, void* to, int64_t stride) {
  for (int r = 0; r < ROWS; r++) std::memcpy(static_cast<char*>(to) + r * stride, tile(from)[r], ROW_BYTES);
}

inline float lower(uint32_t word) { return to_float(bf16{static_cast<uint16_t>(word)}); }
inline float upper(uint32_t word) { return to_float(bf16{static_cast<uint16_t>(word >> 16)}); }

inline void multiply_add(int to, int a, int b) {
  for (int m = 0; m < ROWS; m++)
    for (int n = 0; n < WORDS; n++) {
      float even = 0, odd = 0, sum;
      for (int k = 0; k < WORDS; k++) {
        even = std::fma(lower(tile(a)[m][k]), lower(tile(b)[k][n]), even);
        odd = std::fma(upper(tile(a)[m][k]), upper(tile(b)[k][n]), odd);
      }
      std::memcpy(&sum, &tile(to)[m][n], sizeof sum);
      sum += even + odd;
      std::memcpy(&tile(to)[m][n], &sum, sizeof sum);
    }
}

}  // namespace fizzy::tile_emulator

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_zero
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbf16ps
#define _tile_loadconfig fizzy::tile_emulator::load_configuration
#define _tile_release fizzy::tile_emulator::release
#define _tile_zero fizzy::tile_emulator::zero
#define _tile_loadd fizzy::tile_emulator::load
#define _tile_stored fizzy::tile_emulator::store
#define _tile_dpbf16ps fizzy::tile_emulator::multiply_add
