// Instruction-set levels: the list, the active one, and how a launcher selects its implementation.
#pragma once
#include <stdexcept>
#include <string>

namespace fizzy {

// Order matters: a machine that can run a level can run all lower ones. `wide` is linked into native tests only (see
// cmake/CpuLevels.cmake). `amx` is avx512_bf16 with the matrix tiles of AMX-BF16, for oneDNN and for kernels that check for them; all other
// kernels are those of avx512_bf16.
enum Level { REFERENCE = 0, AVX2 = 1, WIDE = 2, AVX512 = 3, AVX512_BF16 = 4, AMX = 5 };
constexpr int LEVELS = AMX + 1;

Level level();  // the active level
const char* level_name(Level level);
bool has_level(Level level);  // whether this machine supports it and this program links it

// Declares the implementations of a kernel: FIZZY_KERNEL(softmax, const float* x, float* y, int rows, int columns)
#define FIZZY_KERNEL(name, ...)                            \
  namespace reference { void name(__VA_ARGS__); }          \
  namespace avx2 { void name(__VA_ARGS__); }               \
  namespace wide { [[gnu::weak]] void name(__VA_ARGS__); } \
  namespace avx512 { void name(__VA_ARGS__); }             \
  namespace avx512_bf16 { void name(__VA_ARGS__); }

// The implementation of kernel `name` at the active level: FIZZY_SELECT(softmax)(x, y, rows, columns)
#define FIZZY_SELECT(name) (::fizzy::select(&reference::name, &avx2::name, &wide::name, &avx512::name, &avx512_bf16::name))

template <typename F>
F select(F reference, F avx2, F wide, F avx512, F avx512_bf16) {
  switch (level()) {
    case AMX:
    case AVX512_BF16: return avx512_bf16;
    case AVX512: return avx512;
    case WIDE: return wide;
    case AVX2: return avx2;
    default: return reference;
  }
}

}  // namespace fizzy
