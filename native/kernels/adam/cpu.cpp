// Floor: 36 bytes a weight over bandwidth (five arrays read, four written), 4 more for the norm and 2 for the rounded copy.
#include "common/simd.h"
#include "kernels/adam/gradient_norm.h"

namespace fizzy::FIZZY_LEVEL {

void adam(const Backend::Adam& o) {
  constexpr int64_t GRAIN = 1 << 13;  // five streams of 32 KiB
  AdamSettings s = adam_settings(o.settings);
  *o.norm = gradient_norm(o.gradients, static_cast<double*>(o.scratch), o.n);
  if (!std::isfinite(*o.norm)) return;
  vfloat clipping = splat(clip_factor(*o.norm, s.max_norm)), eps = splat(s.eps);
  vfloat beta1 = splat(s.beta1), beta2 = splat(s.beta2), rest1 = splat(1 - s.beta1), rest2 = splat(1 - s.beta2);
  auto narrow = static_cast<bf16*>(o.narrow);
  vfloat rate = splat(-s.lr / s.correction1), correction2 = splat(1 / s.correction2), decay = splat(s.decay), fresh = splat(1 - s.decay);
  auto part = [&](int64_t i, auto load_at, auto store_at) {
    vfloat g = clipping * load_at(o.gradients + i);
    vfloat m = fma(beta1, load_at(o.first_moment + i), rest1 * g);
    vfloat v = fma(beta2, load_at(o.second_moment + i), rest2 * g * g);
    vfloat w = fma(rate, m / (sqrt(v * correction2) + eps), load_at(o.values + i));
    store_at(o.first_moment + i, m);
    store_at(o.second_moment + i, v);
    store_at(o.values + i, w);
    store_at(o.average + i, fma(decay, load_at(o.average + i), fresh * w));
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
