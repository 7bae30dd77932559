// Floor: 20 bytes a weight over bandwidth (three arrays read, two written), 4 more for the norm and 2 for the rounded copy.
#include "kernels/sgd/sgd.h"

#include "common/simd.h"
#include "kernels/adam/gradient_norm.h"

namespace fizzy::FIZZY_LEVEL {

void sgd(const Backend::Sgd& o) {
  constexpr int64_t GRAIN = 1 << 13;  // three streams of 32 KiB
  SgdSettings s = sgd_settings(o.settings);
  *o.norm = gradient_norm(o.gradients, static_cast<double*>(o.scratch), o.n);
  if (!std::isfinite(*o.norm)) return;
  vfloat clipping = splat(clip_factor(*o.norm, s.max_norm));
  vfloat rate = splat(-s.lr), momentum = splat(s.momentum), decay = splat(s.weight_decay);
  auto narrow = static_cast<bf16*>(o.narrow);
  auto part = [&](int64_t i, auto load_at, auto store_at) {
    vfloat w = load_at(o.values + i);
    vfloat g = fma(clipping, load_at(o.gradients + i), decay * w);
    vfloat v = fma(momentum, load_at(o.velocity + i), g);
    store_at(o.velocity + i, v);
    w = fma(rate, v, w);
    store_at(o.values + i, w);
    if (narrow) store_at(narrow + i, w);
  };
  parallel_chunks(o.n, GRAIN, [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) part(i, [](const float* p) { return load(p); }, [](auto* p, vfloat v) { store(p, v); });
    int rest = static_cast<int>(end - i);
    if (rest > 0) part(i, [=](const float* p) { return load_part(p, rest); }, [=](auto* p, vfloat v) { store_part(p, v, rest); });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
