// Floor without noise: bytes over bandwidth. x is read and written, each past x0 in use read, the new one written, the prediction read: 20
// bytes an element in f32 with one past x0, 24 with guidance. With noise: the arithmetic of drawing (common/random.h).
#include "kernels/sampler_step/sampler_step.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {

void sampler_step(const Backend::SamplerStep& o) {
  int step = *o.step;
  StepCoefficients k = step_coefficients(o.coefficients, step);
  vfloat kx = splat(k.kx), kp = splat(k.kp), cx = splat(k.cx), c0 = splat(k.c0), cn = splat(k.cn), w = splat(k.w);
  vfloat high = splat(k.clamp), low = splat(-k.clamp);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_rows(o.batch, o.n, [&](int64_t b, int64_t begin, int64_t end) {
      float* state = o.x + b * o.n;
      float* newest = o.past > 0 ? history_at(o, step, 0) + b * o.n : nullptr;
      const float* before[MAX_PAST];
      float factors[MAX_PAST];
      int used = 0;
      for (int j = 1; j <= o.past; j++) {
        if (k.c[j - 1] == 0) continue;
        before[used] = history_at(o, step, j) + b * o.n;
        factors[used++] = k.c[j - 1];
      }
      const T* conditional = static_cast<const T*>(o.prediction) + b * o.n;
      const T* unconditional = conditional + o.batch * o.n;
      auto advance = [&](int64_t i, vfloat noise, int count) {
        vfloat at = load_up_to(state + i, count), p = load_up_to(conditional + i, count);
        if (o.guided) {
          vfloat u = load_up_to(unconditional + i, count);
          p = fma(w, p - u, u);
        }
        vfloat x0 = fma(kp, p, kx * at);
        // The order of operands keeps NaN.
        if (k.clamp > 0) x0 = x0 > high ? high : (x0 < low ? low : x0);
        vfloat next = fma(c0, x0, cx * at);
        for (int j = 0; j < used; j++) next = fma(splat(factors[j]), load_up_to(before[j] + i, count), next);
        if (k.cn != 0) next = fma(cn, noise, next);
        store_up_to(state + i, next, count);
        if (newest) store_up_to(newest + i, x0, count);
      };
      if (k.cn != 0) {
        with_normals(random_row(o.rows, o.random, o.purpose, b, step), begin, end, advance);
      } else {
        for (int64_t i = begin; i < end; i += LANES) advance(i, vfloat{}, i + LANES <= end ? LANES : static_cast<int>(end - i));
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
