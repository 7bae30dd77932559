// Cross-entropy of a softmax over scaled cosines, with a margin at the label's: for row b with label y,
//   z_j = s cos_j,  z_y = s (cos(theta_y + g_b) - a_b),  loss = mean over b of ln sum_j exp z_j - z_y.
// CosFace (Wang et al. 2018) has g = 0, ArcFace (Deng et al. 2019) a = 0, AdaFace (Kim et al. 2022) both.
#pragma once
#include <cmath>

#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

// The label's cosine with its margin, and the derivative. sin theta is 0 at cos theta = +-1, so the cosine is clamped to 1e-6 away from
// there; the gradient is 0 where it is clamped. For theta + g > pi the cosine would rise again; as in ArcFace's code the function continues
// as cos - g sin g, which keeps falling. For theta + g < 0 it is 1. Without g there is no angle, and nothing is clamped: with a = 0 too, this is
// the cross-entropy of a softmax over any numbers.
struct Margined {
  double value, derivative;

  Margined(double cosine, double g, double a) {
    if (g == 0) {
      value = cosine - a;
      derivative = 1;
      return;
    }
    constexpr double END = 1 - 1e-6;
    bool clamped = !(std::fabs(cosine) < END);
    double c = clamped ? std::copysign(END, cosine) : cosine, sine = std::sqrt((1 - c) * (1 + c));
    if (cosine != cosine) c = cosine;
    if (g > 0 && c < -std::cos(g)) {
      value = c - g * std::sin(g) - a;
      derivative = 1;
    } else if (g < 0 && c > std::cos(g)) {
      value = 1 - a;
      derivative = 0;
    } else {
      value = c * std::cos(g) - sine * std::sin(g) - a;
      derivative = std::cos(g) + std::sin(g) * c / sine;
    }
    if (clamped) derivative = 0;
  }
};

inline void validate_margin_softmax(const char* name, const Backend::MarginSoftmax& m) {
  check(m.b > 0 && m.n > 1, name, ": ", m.b, " rows of ", m.n, " classes");
}
inline void validate(const Backend::MarginSoftmax& o) { validate_margin_softmax("margin_softmax", o); }
inline void validate(const Backend::MarginSoftmaxBackward& o) { validate_margin_softmax("margin_softmax_backward", o.forward); }

inline void validate_labels(const char* name, const Backend::MarginSoftmax& m) {
  for (int64_t b = 0; b < m.b; b++)
    check(m.labels[b] >= 0 && m.labels[b] < m.n, name, ": label ", m.labels[b], " of row ", b, " is not one of ", m.n, " classes");
}
inline void validate_data(const Backend::MarginSoftmax& o) { validate_labels("margin_softmax", o); }
inline void validate_data(const Backend::MarginSoftmaxBackward& o) { validate_labels("margin_softmax_backward", o.forward); }

template <typename Mark>
void outputs(const Backend::MarginSoftmax& o, Mark mark) {
  mark(o.loss, 1);
  mark(o.accuracy, 1);
  mark(o.lse, o.b);
}
template <typename Mark>
void outputs(const Backend::MarginSoftmaxBackward& o, Mark mark) {
  if (o.dcosines != o.forward.cosines) mark(o.dcosines, o.forward.b * o.forward.n);
}

namespace cpu {
// Each row's loss, and whether the label's cosine is larger than all others.
inline int64_t scratch_bytes(const Backend::MarginSoftmax& o) { return 2 * o.b * int64_t{sizeof(double)}; }
}  // namespace cpu

}  // namespace fizzy
