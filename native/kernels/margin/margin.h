// Margins of a batch, angular and additive: drawn anew for every row (ElasticFace, Boutros et al. 2022), or by the quality of the image
// that the norm of its features tells (AdaFace, Kim et al. 2022). A few numbers a step.
#pragma once
#include <cmath>

#include "common/philox.h"
#include "fizzy/backend.h"

namespace fizzy {

// AdaFace, of the published code.
constexpr double ADAPTIVE_EPS = 1e-3, ADAPTIVE_SMALLEST = 1e-3, ADAPTIVE_LARGEST = 100;

inline void validate(const Backend::MarginElastic& o) {
  check_random("margin_elastic", o.purpose, o.b, 1);
  check(o.deviation >= 0 && std::isfinite(o.angular) && std::isfinite(o.additive), "margin_elastic: margins ", o.angular, " and ", o.additive,
        ", deviation ", o.deviation);
  check(o.deviation == 0 || (o.rows && o.random), "margin_elastic: a deviation of ", o.deviation, " without random numbers");
}
inline void validate_data(const Backend::MarginElastic& o) {
  if (o.random) check_step("margin_elastic", o.random[2]);
}
inline void validate(const Backend::MarginAdaptive& o) { check(o.b > 1, "margin_adaptive: the norms of ", o.b, " faces have no deviation"); }

template <typename Mark>
void outputs(const Backend::MarginElastic& o, Mark mark) {
  mark(o.margins, 2 * o.b);
}
template <typename Mark>
void outputs(const Backend::MarginAdaptive& o, Mark mark) {
  mark(o.margins, 2 * o.b);
}

}  // namespace fizzy
