// The launchers of fizzy/cuda.h, carried out by the emulator, under the names of fizzy/kernels.h: so that each kernel's own test, with
// its shapes, references and tolerances, is the test of its CUDA kernel too. Results and scratch are marked as never written before each
// launch. At the level `reference` the reference runs.
#include <cstring>

#include "fizzy/cuda.h"
#include "fizzy/kernels.h"
#include "kernels/activation/activation.h"
#include "kernels/add/add.h"
#include "kernels/broadcast/broadcast.h"
#include "kernels/cast/cast.h"
#include "simt/memory.h"

namespace fizzy {
namespace {

constexpr int REFERENCE_LEVEL = 0, CUDA_LEVEL = 1;
int level_in_force = CUDA_LEVEL;
bool at_reference() { return level_in_force == REFERENCE_LEVEL; }

void fresh(void* memory, int64_t elements, int type = 0) { simt::uninitialised(memory, elements * (type == 0 ? 4 : 2)); }

}  // namespace

int cpu_level() { return level_in_force; }
int cpu_level_available() { return CUDA_LEVEL; }
void set_cpu_level(int level) { level_in_force = level; }
const char* cpu_level_name(int level) { return level == REFERENCE_LEVEL ? "reference" : "cuda"; }
int threads() { return 1; }
void set_threads(int) {}

void add(int type, const void* a, const void* b, void* y, int64_t n) {
  if (at_reference()) return reference::add(type, a, b, y, n);
  fresh(y, n, type);
  cuda::add(type, a, b, y, n, nullptr);
}

void fill_value(float* y, float value, int64_t n) {
  fresh(y, n);
  cuda::fill_value(y, value, n, nullptr);
}

void activation(int type, int kind, const void* x, void* y, int64_t n) {
  if (at_reference()) return reference::activation(type, kind, x, y, n);
  fresh(y, n, type);
  cuda::activation(type, kind, x, y, n, nullptr);
}

void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n) {
  if (at_reference()) return reference::activation_backward(type, kind, x, dy, dx, n);
  fresh(dx, n, type);
  cuda::activation_backward(type, kind, x, dy, dx, n, nullptr);
}

void cast(int from, int to, const void* x, void* y, int64_t n) {
  if (at_reference()) return reference::cast(from, to, x, y, n);
  fresh(y, n, to);
  cuda::cast(from, to, x, y, n, nullptr);
}

void broadcast(int type, const float* x, void* y, int rows, int columns) {
  if (at_reference()) return reference::broadcast(type, x, y, rows, columns);
  fresh(y, int64_t{rows} * columns, type);
  cuda::broadcast(type, x, y, rows, columns, nullptr);
}

}  // namespace fizzy
