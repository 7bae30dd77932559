#include "kernels/q_sample/q_sample.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {

void q_sample(const Backend::QSample& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    parallel_rows(o.batch, o.n, [&](int64_t b, int64_t begin, int64_t end) {
      const float* x = o.x0 + b * o.n;
      T* noisy = static_cast<T*>(o.xt) + b * o.n;
      float* wanted = o.target + b * o.n;
      vfloat a = splat(o.alpha[b]), s = splat(o.sigma[b]);
      with_normals(random_row(o.rows, o.random, o.purpose, b), begin, end, [&](int64_t i, vfloat noise, int count) {
        vfloat clean = load_up_to(x + i, count);
        store_up_to(noisy + i, fma(s, noise, a * clean), count);
        store_up_to(wanted + i, o.velocity ? fma(a, noise, -(s * clean)) : noise, count);
      });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
