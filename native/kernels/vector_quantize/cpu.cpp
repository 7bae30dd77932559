// Floor: 3 E operations per position and code, vectorized over codes. With 8192 codes of 3 channels and 1024 positions an image takes 75
// MFLOP, about 2 ms on one core, 0.3 % of decoding the image. So the search is brute force: lanes take codes, and four positions share each
// load of the transposed codebook (96 KiB at E = 3), which stays in level 2.
#include <algorithm>
#include <cmath>

#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/vector_quantize/vector_quantize.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int TOGETHER = 4;

// The nearest codes of TOGETHER vectors [TOGETHER][width]; codes are [width][count], count a multiple of LANES.
void nearest(const float* z, int width, const float* codes, int64_t count, int32_t* indices) {
  vfloat best[TOGETHER];
  vint where[TOGETHER], lane;
  for (int i = 0; i < LANES; i++) lane[i] = i;
  for (int p = 0; p < TOGETHER; p++) best[p] = splat(INFINITY), where[p] = lane;
  for (int64_t n = 0; n < count; n += LANES) {
    vfloat distance[TOGETHER] = {};
    for (int e = 0; e < width; e++) {
      vfloat code = load(codes + e * count + n);
      for (int p = 0; p < TOGETHER; p++) {
        vfloat d = z[p * width + e] - code;
        distance[p] = fma(d, d, distance[p]);
      }
    }
    vint index = lane + static_cast<int32_t>(n);
    for (int p = 0; p < TOGETHER; p++) {
      where[p] = distance[p] < best[p] ? index : where[p];  // strictly less: among equal distances in a lane the first stays
      best[p] = distance[p] < best[p] ? distance[p] : best[p];
    }
  }
  for (int p = 0; p < TOGETHER; p++) {
    int at = 0;
    for (int i = 1; i < LANES; i++)
      if (best[p][i] < best[p][at] || (best[p][i] == best[p][at] && where[p][i] < where[p][at])) at = i;
    indices[p] = where[p][at];
  }
}

}  // namespace

void vector_quantize(const Backend::VectorQuantize& s) {
  int64_t count = cpu::padded_codes(s), chunks = cpu::chunks(s);
  auto partial = static_cast<double*>(s.scratch);
  auto codes = reinterpret_cast<float*>(partial + chunks);
  parallel_chunks(count, 1024, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++)
      for (int e = 0; e < s.width; e++) codes[e * count + n] = n < s.codes ? s.codebook[n * s.width + e] : INFINITY;
  });
  by_type(s.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(s.z);
    parallel_for(chunks, [&](int64_t chunk) {
      int64_t end = std::min<int64_t>(s.positions, (chunk + 1) * cpu::QUANTIZE_CHUNK);
      double sum = 0;
      for (int64_t p = chunk * cpu::QUANTIZE_CHUNK; p < end; p += TOGETHER) {
        int count_here = static_cast<int>(std::min<int64_t>(TOGETHER, end - p));
        float vectors[TOGETHER * QUANTIZE_WIDTH_MAX] = {};
        int32_t found[TOGETHER];
        for (int i = 0; i < count_here * s.width; i++) vectors[i] = to_float(in[p * s.width + i]);
        nearest(vectors, s.width, codes, count, found);
        for (int i = 0; i < count_here * s.width; i++) {
          float code = s.codebook[int64_t{found[i / s.width]} * s.width + i % s.width];
          static_cast<T*>(s.quantized)[p * s.width + i] = from_float<T>(code);
          double d = static_cast<double>(vectors[i]) - code;
          sum += d * d;
        }
        std::copy(found, found + count_here, s.indices + p);
      }
      partial[chunk] = sum;
    });
  });
  double sum = 0;
  for (int64_t chunk = 0; chunk < chunks; chunk++) sum += partial[chunk];
  *s.loss = static_cast<float>((1. + s.beta) * sum / (static_cast<double>(s.positions) * s.width));
}

// One thread sums the codebook's rows in the order of the positions, so the result is deterministic: 1024 x 3 additions per image.
void vector_quantize_backward(const Backend::VectorQuantizeBackward& o) {
  const Backend::VectorQuantize& s = o.forward;
  by_type(s.type, [&](auto t) {
    using T = decltype(t);
    float scale = static_cast<float>(2. * *o.dloss / (static_cast<double>(s.positions) * s.width));
    std::fill_n(o.dcodebook, int64_t{s.codes} * s.width, 0.f);
    for (int64_t p = 0; p < s.positions; p++)
      for (int e = 0; e < s.width; e++) {
        int64_t i = p * s.width + e, code = int64_t{s.indices[p]} * s.width + e;
        float d = scale * (to_float(static_cast<const T*>(s.z)[i]) - s.codebook[code]);
        o.dcodebook[code] -= d;
        float straight = o.dquantized ? to_float(static_cast<const T*>(o.dquantized)[i]) : 0.f;
        static_cast<T*>(o.dz)[i] = from_float<T>(straight + s.beta * d);
      }
  });
}

}  // namespace fizzy::FIZZY_LEVEL
