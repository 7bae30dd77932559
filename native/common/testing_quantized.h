// The quantization of u8 x s8 products, computed independently in double: the values that inputs and weights are rounded to.
#pragma once
#include "common/testing_primitive.h"

namespace fizzy::testing {

// Inputs rounded to 255 steps from -reach[0] to reach[1], one of which is zero.
inline Array rounded_inputs(const Array& x, const Array& reach) {
  double step = static_cast<double>(static_cast<float>(reach.f[0] + reach.f[1]) / 255), zero = std::nearbyint(reach.f[0] / step);
  Array rounded(0, x.size());
  for (size_t i = 0; i < x.size(); i++) {
    // The product that is rounded is one of f32, and so are its ties.
    double q = std::nearbyint(x.get(i) * (1 / static_cast<float>(step))) + zero;
    rounded.f[i] = static_cast<float>(step * (std::fmin(std::fmax(q, 0), 255) - zero));
  }
  return rounded;
}

// Weights rounded to -127 to 127 steps of each output's own, the largest magnitude over 127.
inline Array rounded_weights(const Array& w, size_t outputs) {
  Array rounded(0, w.size());
  size_t taps = w.size() / outputs;
  for (size_t o = 0; o < outputs; o++) {
    double largest = 0;
    for (size_t i = o * taps; i < (o + 1) * taps; i++) largest = std::fmax(largest, std::fabs(w.f[i]));
    for (size_t i = o * taps; i < (o + 1) * taps; i++) {
      double steps = largest == 0 ? 0 : std::nearbyint(w.f[i] * 127 / largest);
      rounded.f[i] = static_cast<float>(steps * largest / 127);
    }
  }
  return rounded;
}

// Whether the level has u8 x s8 products; where it has none, checks that `make` says so.
template <typename Make>
bool has_integers(Make make) {
  if (cpu_level() >= AVX512_BF16) return true;
  expect_refusal([&] { make(); }, "need a processor with AVX-512 BF16");
  return false;
}

}  // namespace fizzy::testing
