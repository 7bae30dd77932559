// Floor: 3 bytes a value over bandwidth.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/quantize/quantize.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

inline void store_bytes(uint8_t* p, vint v) {
#if FIZZY_LANES == 16 && defined(__AVX512F__)
  _mm_storeu_si128((__m128i*)p, _mm512_maskz_cvtepi32_epi8(0xffff, (__m512i)v));
#else
  for (int i = 0; i < LANES; i++) p[i] = static_cast<uint8_t>(v[i]);
#endif
}

}  // namespace

void quantize(const Quantization& q, const bf16* x, uint8_t* y, int64_t n) {
  // Adding 1.5 2^23 rounds to an integer, which the lower bits of the sum then are.
  constexpr float MAGIC = 12582912;
  constexpr int BITS = 0x4b400000;
  vfloat inverse = splat(q.inverse), lowest = splat(static_cast<float>(-q.zero)), highest = splat(static_cast<float>(255 - q.zero));
  auto steps = [&](vfloat v) { return (vint)(min(max(v * inverse, lowest), highest) + MAGIC) - BITS + q.zero; };
  parallel_chunks(n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) store_bytes(y + i, steps(load(x + i)));
    if (i == end) return;
    uint8_t last[LANES];
    store_bytes(last, steps(load_part(x + i, end - i)));
    std::memcpy(y + i, last, end - i);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
