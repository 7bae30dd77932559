#include "kernels/sampler_step/sampler_step.h"

#include "common/bf16.h"
#include "common/normal.h"
#include "common/philox.h"

namespace fizzy::reference {

void sampler_step(int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, int step,
                  const int* rows, const int* random, int purpose, int64_t batch, int64_t n) {
  StepCoefficients k = step_coefficients(coefficients, step);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    auto predicted = static_cast<const T*>(prediction);
    for (int64_t b = 0; b < batch; b++) {
      RandomRow row = random_row(rows, random, purpose, b, step);
      for (int64_t i = 0; i < n; i++) {
        int64_t at = b * n + i;
        double p = to_float(predicted[at]);
        if (guided) {
          double u = to_float(predicted[batch * n + at]);
          p = u + k.w * (p - u);
        }
        double x0 = k.kx * static_cast<double>(x[at]) + k.kp * p;
        if (k.clamp > 0) x0 = x0 > k.clamp ? k.clamp : x0 < -k.clamp ? -k.clamp : x0;
        double next = k.cx * static_cast<double>(x[at]) + k.c0 * x0;
        for (int j = 1; j <= past; j++)
          if (k.c[j - 1] != 0) next += k.c[j - 1] * static_cast<double>(history[history_slot(step, j, past) * batch * n + at]);
        if (k.cn != 0) {
          uint32_t words[4];
          float normals[4];
          row.block(static_cast<uint32_t>(i / 4), words);
          normals_of(words, normals);
          next += k.cn * static_cast<double>(normals[i % 4]);
        }
        x[at] = static_cast<float>(next);
        if (past > 0) history[history_slot(step, 0, past) * batch * n + at] = static_cast<float>(x0);
      }
    }
  });
}

}  // namespace fizzy::reference
