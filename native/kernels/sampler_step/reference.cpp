#include "kernels/sampler_step/sampler_step.h"

#include "common/bf16.h"
#include "common/normal.h"

namespace fizzy::reference {

void sampler_step(const Backend::SamplerStep& o) {
  int step = *o.step;
  StepCoefficients k = step_coefficients(o.coefficients, step);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto predicted = static_cast<const T*>(o.prediction);
    for (int64_t b = 0; b < o.batch; b++) {
      RandomRow row = random_row(o.rows, o.random, o.purpose, b, step);
      for (int64_t i = 0; i < o.n; i++) {
        int64_t at = b * o.n + i;
        double p = to_float(predicted[at]);
        if (o.guided) {
          double u = to_float(predicted[o.batch * o.n + at]);
          p = u + k.w * (p - u);
        }
        double x0 = k.kx * static_cast<double>(o.x[at]) + k.kp * p;
        if (k.clamp > 0) x0 = x0 > k.clamp ? k.clamp : x0 < -k.clamp ? -k.clamp : x0;
        double next = k.cx * static_cast<double>(o.x[at]) + k.c0 * x0;
        for (int j = 1; j <= o.past; j++)
          if (k.c[j - 1] != 0) next += k.c[j - 1] * static_cast<double>(history_at(o, step, j)[at]);
        if (k.cn != 0) {
          uint32_t words[4];
          float normals[4];
          row.block(static_cast<uint32_t>(i / 4), words);
          normals_of(words, normals);
          next += k.cn * static_cast<double>(normals[i % 4]);
        }
        o.x[at] = static_cast<float>(next);
        if (o.past > 0) history_at(o, step, 0)[at] = static_cast<float>(x0);
      }
    }
  });
}

}  // namespace fizzy::reference
