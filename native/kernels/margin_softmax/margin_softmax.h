// Cross-entropy of a softmax over scaled cosines, with a margin at the label's: for row b with label y,
//   z_j = s cos_j,  z_y = s (cos(theta_y + g_b) - a_b),  loss = mean over b of ln sum_j exp z_j - z_y.
// CosFace (Wang et al. 2018) has g = 0, ArcFace (Deng et al. 2019) a = 0, AdaFace (Kim et al. 2022) both.
#pragma once
#include <cmath>
#include <cstdint>

#include "common/level.h"

namespace fizzy {

struct MarginSoftmax {
  const float* cosines;  // [B,N]
  const int* labels;     // [B]
  const float* margins;  // [B,2]: g angular, a additive
  float scale;
  float* lse;  // [B]: written by forward, read by backward
  int64_t b, n;
};

// The margin's function of the label's cosine and its derivative. sin theta vanishes at the ends, so the cosine is held 1e-6 away
// from them and does not learn beyond. Past theta + g = pi the function would rise again; as in ArcFace's own code it goes on
// falling there, as cos - g sin g. Before theta + g = 0 it stays 1.
struct Margined {
  double value, derivative;

  Margined(double cosine, double g, double a) {
    constexpr double END = 1 - 1e-6;
    bool held = !(std::fabs(cosine) < END);
    double c = held ? std::copysign(END, cosine) : cosine, sine = std::sqrt((1 - c) * (1 + c));
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
    if (held) derivative = 0;
  }
};

// row_loss and row_hit [B]: each row's loss, and whether no other cosine is as large as the label's.
FIZZY_KERNEL(margin_softmax, const MarginSoftmax& m, double* row_loss, double* row_hit)
FIZZY_KERNEL(margin_softmax_backward, const MarginSoftmax& m, float dloss, float* dcosines)
}  // namespace fizzy
