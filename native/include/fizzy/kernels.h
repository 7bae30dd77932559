// The whole ABI between Java and the kernels; the only header JavaCPP reads.
//
// Conventions. Layout is NHWC, rows are contiguous. `type` is 0 for f32 and 1 for bf16 and holds for every `void*` argument
// of the call; float arguments are f32 always. Letters: B batch, P pixels (H*W), C channels, G groups, T tokens, H heads, D head
// width, N elements. A launcher checks its arguments and throws; nothing exits, nothing allocates during a run.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fizzy {

// ---- machine -------------------------------------------------------------------------------------------------------------
int cpu_level();                         // the instruction-set level in force: 0 reference, 1 avx2, 2 wide, 3 avx512, 4 avx512_bf16
int cpu_level_available();               // the best level of this machine
void set_cpu_level(int level);           // forces a level; throws where the machine lacks it
const char* cpu_level_name(int level);
int cpu_level_count();
int threads();
void set_threads(int count);
void* memory_allocate(size_t bytes);     // on huge pages where granted, 64-byte aligned, not zeroed; throws when there is none
void memory_free(void* memory);

// ---- activation: y = f(x), x and y [N]; kind 0 SiLU, 1 GELU (exact, erf) --------------------------------------------------
void activation(int type, int kind, const void* x, void* y, int64_t n);
void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n);

// ---- add: y = a + b, [N]; fill_value: y = value, [N] f32 ---------------------------------------------------------------------------
void add(int type, const void* a, const void* b, void* y, int64_t n);
void fill_value(float* y, float value, int64_t n);

// ---- broadcast: y [rows, columns] = x [columns] f32 in every row ------------------------------------------------------------
void broadcast(int type, const float* x, void* y, int rows, int columns);

}  // namespace fizzy
