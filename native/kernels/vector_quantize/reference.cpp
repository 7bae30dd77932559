#include <cmath>
#include <vector>

#include "common/bf16.h"
#include "kernels/vector_quantize/vector_quantize.h"

namespace fizzy::reference {

// Distances in f32, as the header defines them; the loss in double.
void vector_quantize(const Backend::VectorQuantize& s) {
  by_type(s.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(s.z);
    double sum = 0;
    for (int64_t p = 0; p < s.positions; p++) {
      float best = INFINITY;
      int32_t index = 0;
      for (int n = 0; n < s.codes; n++) {
        float distance = 0;
        for (int e = 0; e < s.width; e++) {
          float d = to_float(in[p * s.width + e]) - s.codebook[static_cast<int64_t>(n) * s.width + e];
          distance = std::fma(d, d, distance);
        }
        if (distance < best) best = distance, index = n;
      }
      s.indices[p] = index;
      for (int e = 0; e < s.width; e++) {
        float code = s.codebook[static_cast<int64_t>(index) * s.width + e];
        double d = static_cast<double>(to_float(in[p * s.width + e])) - code;
        sum += d * d;
        static_cast<T*>(s.quantized)[p * s.width + e] = from_float<T>(code);
      }
    }
    *s.loss = static_cast<float>((1. + s.beta) * sum / (static_cast<double>(s.positions) * s.width));
  });
}

void vector_quantize_backward(const Backend::VectorQuantizeBackward& o) {
  const Backend::VectorQuantize& s = o.forward;
  by_type(s.type, [&](auto t) {
    using T = decltype(t);
    std::vector<double> codes(static_cast<size_t>(s.codes) * s.width);
    double scale = 2. * *o.dloss / (static_cast<double>(s.positions) * s.width);
    for (int64_t i = 0; i < s.positions * s.width; i++) {
      int64_t code = static_cast<int64_t>(s.indices[i / s.width]) * s.width + i % s.width;
      double d = static_cast<double>(to_float(static_cast<const T*>(s.z)[i])) - s.codebook[code];
      codes[code] -= scale * d;
      double straight = o.dquantized ? to_float(static_cast<const T*>(o.dquantized)[i]) : 0;
      static_cast<T*>(o.dz)[i] = from_float<T>(static_cast<float>(straight + s.beta * scale * d));
    }
    for (size_t i = 0; i < codes.size(); i++) o.dcodebook[i] = static_cast<float>(codes[i]);
  });
}

}  // namespace fizzy::reference
