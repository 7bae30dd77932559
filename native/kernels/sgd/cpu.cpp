// Floor: 20 bytes a weight over bandwidth (three arrays read, two written), and 4 more for the norm.
#include "kernels/sgd/sgd.h"

#include "common/parallel.h"
#include "common/simd.h"

namespace fizzy::FIZZY_LEVEL {

void sgd(const SgdSettings& s, float clip, float* values, const float* gradients, float* velocity, int64_t n) {
  vfloat clipping = splat(clip), rate = splat(-s.lr), momentum = splat(s.momentum), decay = splat(s.weight_decay);
  auto part = [&](int64_t i, auto load_at, auto store_at) {
    vfloat w = load_at(values + i);
    vfloat g = fma(clipping, load_at(gradients + i), decay * w);
    vfloat v = fma(momentum, load_at(velocity + i), g);
    store_at(velocity + i, v);
    store_at(values + i, fma(rate, v, w));
  };
  constexpr int64_t GRAIN = 1 << 13;  // three streams of 32 KiB
  parallel_chunks(n, GRAIN, [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) part(i, [](const float* p) { return load(p); }, [](float* p, vfloat v) { store(p, v); });
    int rest = static_cast<int>(end - i);
    if (rest > 0) part(i, [=](const float* p) { return load_part(p, rest); }, [=](float* p, vfloat v) { store_part(p, v, rest); });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
