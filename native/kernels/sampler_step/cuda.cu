// One step of a sampler (sampler_step.h). The device selects the row of coefficients, so that one captured graph runs every step. Floor: 20
// bytes an element in f32 with one past x0, 24 with guidance, over bandwidth.
#include "common/random.cuh"
#include "kernels/sampler_step/sampler_step.h"

namespace fizzy::cuda {
namespace {

template <typename T>
struct StepRows {
  Backend::SamplerStep o;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    int64_t at = b * o.n + i;
    int step = *o.step;
    if (step < 0 || step >= o.steps) {  // a kernel cannot throw: it writes NaN
      Floats<4> nan;
#pragma unroll
      for (int k = 0; k < 4; k++) nan[k] = __uint_as_float(0x7fc00000u);
      return store_quad(o.x + at, nan, count, whole);
    }
    StepCoefficients c = step_coefficients(o.coefficients, step);
    auto prediction = static_cast<const T*>(o.prediction);
    Floats<4> x = load_quad(o.x + at, count, whole), p = load_quad(prediction + at, count, whole);
    Floats<4> unconditional{}, before[MAX_PAST]{}, newest, noise{};
    if (o.guided) unconditional = load_quad(prediction + o.batch * o.n + at, count, whole);
#pragma unroll
    for (int j = 0; j < MAX_PAST; j++)
      if (c.c[j] != 0) before[j] = load_quad(history_at(o, step, j + 1) + at, count, whole);
    if (c.cn != 0) noise = normals(row_words(o.rows, o.random, o.purpose, step, b, i / 4));
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float predicted = o.guided ? fmaf(c.w, p[k] - unconditional[k], unconditional[k]) : p[k];
      float x0 = fmaf(c.kp, predicted, c.kx * x[k]);
      if (c.clamp > 0) x0 = x0 > c.clamp ? c.clamp : (x0 < -c.clamp ? -c.clamp : x0);  // NaN stays NaN
      float next = fmaf(c.c0, x0, c.cx * x[k]);
#pragma unroll
      for (int j = 0; j < MAX_PAST; j++)
        if (c.c[j] != 0) next = fmaf(c.c[j], before[j][k], next);
      if (c.cn != 0) next = fmaf(c.cn, noise[k], next);
      x[k] = next;
      newest[k] = x0;
    }
    store_quad(o.x + at, x, count, whole);
    if (o.past > 0) store_quad(history_at(o, step, 0) + at, newest, count, whole);
  }
};

}  // namespace

void sampler_step(const Backend::SamplerStep& o, void* stream) {
  check_aligned("sampler_step", o.x, o.prediction, o.history);
  by_type(o.type, [&](auto t) { over_rows("sampler_step", StepRows<decltype(t)>{o}, o.batch, o.n, stream); });
}

}  // namespace fizzy::cuda
