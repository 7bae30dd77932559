// SiLU x*sigmoid(x) (Elfwing et al. 2017) and GELU x*Phi(x) (Hendrycks & Gimpel 2016, the exact form).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

enum ActivationKind { SILU = 0, GELU = 1 };

inline void validate(const Backend::Activation& o) {
  check(o.n >= 0 && (o.kind == SILU || o.kind == GELU), "activation: kind ", o.kind, ", n ", o.n);
}
inline void validate(const Backend::ActivationBackward& o) {
  check(o.n >= 0 && (o.kind == SILU || o.kind == GELU), "activation_backward: kind ", o.kind, ", n ", o.n);
}

template <typename Mark>
void outputs(const Backend::Activation& o, Mark mark) {
  mark(o.y, o.type, o.n);
}
template <typename Mark>
void outputs(const Backend::ActivationBackward& o, Mark mark) {
  mark(o.dx, o.type, o.n);
}

}  // namespace fizzy
