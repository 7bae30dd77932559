// The mean of f(p, t) over predictions p and targets t, and its gradient. The terms of adversarial losses take targets of 1 or -1: hinge is
// the loss of a discriminator, linear that of its generator (Lim & Ye 2017).
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

enum LossKind {
  MSE = 0,    // (p - t)^2
  L1 = 1,     // |p - t|
  HINGE = 2,  // max(0, 1 - p t)
  LINEAR = 3  // -p t
};
constexpr int64_t LOSS_CHUNK = 1 << 14;  // elements that one partial sum covers

template <typename Call>
void validate_loss(const char* name, const Call& o) {
  check(o.n > 0 && o.kind >= MSE && o.kind <= LINEAR, name, ": kind ", o.kind, ", n ", o.n);
  check_type(name, o.target_type);
}
inline void validate(const Backend::Loss& o) { validate_loss("loss", o); }
inline void validate(const Backend::LossBackward& o) { validate_loss("loss_backward", o); }

template <typename Mark>
void outputs(const Backend::Loss& o, Mark mark) {
  mark(o.loss, 1);
}
template <typename Mark>
void outputs(const Backend::LossBackward& o, Mark mark) {
  mark(o.dprediction, o.type, o.n);
}

namespace cpu {
inline int64_t scratch_bytes(const Backend::Loss& o) { return (o.n + LOSS_CHUNK - 1) / LOSS_CHUNK * int64_t{sizeof(double)}; }
}  // namespace cpu

}  // namespace fizzy
