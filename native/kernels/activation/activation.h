// SiLU x*sigmoid(x) (Elfwing et al. 2017), GELU x*Phi(x) (Hendrycks & Gimpel 2016, the exact form), the sigmoid, ReLU6 min(max(x,0),6),
// hard sigmoid ReLU6(x+3)/6 and hard swish x*ReLU6(x+3)/6 (Howard et al. 2019), and leaky ReLU (Maas et al. 2013).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

enum ActivationKind { SILU, GELU, SIGMOID, RELU6, HARD_SIGMOID, HARD_SWISH, LEAKY_RELU, ACTIVATIONS };
constexpr float LEAK = .2f;  // slope of leaky ReLU below 0, as in DCGAN and pix2pix

inline void validate(const Backend::Activation& o) {
  check(o.n >= 0 && o.kind >= 0 && o.kind < ACTIVATIONS, "activation: kind ", o.kind, ", n ", o.n);
}
inline void validate(const Backend::ActivationBackward& o) {
  check(o.n >= 0 && o.kind >= 0 && o.kind < ACTIVATIONS, "activation_backward: kind ", o.kind, ", n ", o.n);
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
