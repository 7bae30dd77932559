// Margins of a batch, angular and additive: drawn at random for every row (ElasticFace, Boutros et al. 2022), or computed from the norm of
// the features, a measure of image quality (AdaFace, Kim et al. 2022). A few numbers per step.
#pragma once
#include <cmath>

#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

// Constants of AdaFace's published code.
constexpr double ADAPTIVE_EPS = 1e-3, ADAPTIVE_SMALLEST = 1e-3, ADAPTIVE_LARGEST = 100;

inline void validate(const Backend::MarginElastic& o) {
  check_random("margin_elastic", o.purpose, o.b, 1);
  check(o.deviation >= 0 && std::isfinite(o.angular) && std::isfinite(o.additive), "margin_elastic: margins ", o.angular, " and ", o.additive,
        ", deviation ", o.deviation);
  check(o.deviation == 0 || (o.rows && o.random), "margin_elastic: a deviation of ", o.deviation, " needs rows and random");
}
inline void validate_data(const Backend::MarginElastic& o) {
  if (o.random) check_step("margin_elastic", o.random[2]);
}
inline void validate(const Backend::MarginAdaptive& o) {
  check(o.b > 1, "margin_adaptive: ", o.b, " rows; the deviation of the norms needs at least two");
}

template <typename Mark>
void outputs(const Backend::MarginElastic& o, Mark mark) {
  mark(o.margins, 2 * o.b);
}
template <typename Mark>
void outputs(const Backend::MarginAdaptive& o, Mark mark) {
  mark(o.margins, 2 * o.b);
}

}  // namespace fizzy
