#include "kernels/q_sample/q_sample.h"

#include <vector>

#include "common/bf16.h"
#include "kernels/noise/noise.h"

namespace fizzy::reference {

void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n) {
  std::vector<float> eps(batch * n);
  noise(rows, random, purpose, eps.data(), batch, n);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (int64_t b = 0; b < batch; b++)
      for (int64_t i = b * n; i < (b + 1) * n; i++) {
        double a = alpha[b], s = sigma[b];
        static_cast<T*>(xt)[i] = from_float<T>(static_cast<float>(a * x0[i] + s * eps[i]));
        target[i] = velocity ? static_cast<float>(a * eps[i] - s * x0[i]) : eps[i];
      }
  });
}

}  // namespace fizzy::reference
