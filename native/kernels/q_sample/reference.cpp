#include "kernels/q_sample/q_sample.h"

#include <vector>

#include "common/bf16.h"

namespace fizzy::reference {

void noise(const Backend::Noise& o);

void q_sample(const Backend::QSample& o) {
  std::vector<float> eps(o.batch * o.n);
  noise({o.rows, o.random, o.purpose, eps.data(), o.batch, o.n});
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t b = 0; b < o.batch; b++)
      for (int64_t i = b * o.n; i < (b + 1) * o.n; i++) {
        double a = o.alpha[b], s = o.sigma[b];
        static_cast<T*>(o.xt)[i] = from_float<T>(static_cast<float>(a * o.x0[i] + s * eps[i]));
        o.target[i] = o.velocity ? static_cast<float>(a * eps[i] - s * o.x0[i]) : eps[i];
      }
  });
}

}  // namespace fizzy::reference
