#include "kernels/q_sample/q_sample.h"

#include "common/random.h"

namespace fizzy::FIZZY_LEVEL {

void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    parallel_rows(batch, n, [&](int64_t b, int64_t begin, int64_t end) {
      const float* x = x0 + b * n;
      T* noisy = static_cast<T*>(xt) + b * n;
      float* wanted = target + b * n;
      vfloat a = splat(alpha[b]), s = splat(sigma[b]);
      with_normals(random_row(rows, random, purpose, b), begin, end, [&](int64_t i, vfloat noise, int count) {
        vfloat clean = load_up_to(x + i, count);
        store_up_to(noisy + i, fma(s, noise, a * clean), count);
        store_up_to(wanted + i, velocity ? fma(a, noise, -(s * clean)) : noise, count);
      });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
