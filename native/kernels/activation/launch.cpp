#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/activation/activation.h"

namespace fizzy {

void activation(int type, int kind, const void* x, void* y, int64_t n) {
  check(n >= 0 && (kind == SILU || kind == GELU), "activation: kind ", kind, ", n ", n);
  FIZZY_SELECT(activation)(type, kind, x, y, n);
}

void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n) {
  check(n >= 0 && (kind == SILU || kind == GELU), "activation_backward: kind ", kind, ", n ", n);
  FIZZY_SELECT(activation_backward)(type, kind, x, dy, dx, n);
}

}  // namespace fizzy
