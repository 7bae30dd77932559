// One step of a sampler (sampler_step.h). The row of coefficients is chosen on the device, so that one captured graph serves every step.
// Floor: 20 bytes an element in f32 with one past x0, 24 with guidance, over bandwidth.
#include "common/random.cuh"
#include "kernels/sampler_step/sampler_step.h"

namespace fizzy::cuda {
namespace {

template <typename T>
struct StepRows {
  int guided;
  float* x;
  const T* prediction;
  float* history;
  int past;
  const float* coefficients;
  const int* step;
  int steps;
  const int *rows, *random;
  int purpose;
  int64_t batch, n;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    int64_t at = b * n + i;
    int now = *step;
    if (now < 0 || now >= steps) {  // a kernel cannot throw: the result says it
      Floats<4> nothing;
#pragma unroll
      for (int k = 0; k < 4; k++) nothing[k] = __uint_as_float(0x7fc00000u);
      return store_quad(x + at, nothing, count, whole);
    }
    StepCoefficients c = step_coefficients(coefficients, now);
    Floats<4> state = load_quad(x + at, count, whole), p = load_quad(prediction + at, count, whole);
    Floats<4> unconditional{}, before[MAX_PAST]{}, newest, eps{};
    if (guided) unconditional = load_quad(prediction + batch * n + at, count, whole);
#pragma unroll
    for (int j = 0; j < MAX_PAST; j++)
      if (c.c[j] != 0) before[j] = load_quad(history + history_slot(now, j + 1, past) * batch * n + at, count, whole);
    if (c.cn != 0) eps = normals(row_words(rows, random, purpose, now, b, i / 4));
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float predicted = guided ? fmaf(c.w, p[k] - unconditional[k], unconditional[k]) : p[k];
      float x0 = fmaf(c.kp, predicted, c.kx * state[k]);
      if (c.clamp > 0) x0 = x0 > c.clamp ? c.clamp : (x0 < -c.clamp ? -c.clamp : x0);  // NaN stays NaN
      float next = fmaf(c.c0, x0, c.cx * state[k]);
#pragma unroll
      for (int j = 0; j < MAX_PAST; j++)
        if (c.c[j] != 0) next = fmaf(c.c[j], before[j][k], next);
      if (c.cn != 0) next = fmaf(c.cn, eps[k], next);
      state[k] = next;
      newest[k] = x0;
    }
    store_quad(x + at, state, count, whole);
    if (past > 0) store_quad(history + history_slot(now, 0, past) * batch * n + at, newest, count, whole);
  }
};

}  // namespace

void sampler_step(int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, const int* step,
                  int steps, const int* rows, const int* random, int purpose, int64_t batch, int64_t n, void* stream) {
  Range range("sampler_step");
  check_type("sampler_step", type);
  check(steps > 0, "sampler_step: ", steps, " steps");
  check(past >= 0 && past <= MAX_PAST, "sampler_step: ", past, " past predictions, not 0..", MAX_PAST);
  check_rows("sampler_step", purpose, batch, n);
  check_aligned("sampler_step", x, prediction, history);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    over_rows("sampler_step",
              StepRows<T>{guided, x, static_cast<const T*>(prediction), history, past, coefficients, step, steps, rows, random, purpose, batch, n},
              batch, n, stream);
  });
}

}  // namespace fizzy::cuda
