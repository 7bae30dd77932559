// One step of a sampler (sampler_step.h). The row of coefficients is chosen on the device, so that one captured graph serves every step.
// Floor: 20 bytes an element in f32, 24 with guidance, over bandwidth.
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
  const float* coefficients;
  const int* step;
  int steps;
  const int *rows, *random;
  int purpose;
  int64_t batch, n;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    int64_t at = b * n + i;
    int now = *step;
    if (now < 0 || now >= steps) {  // nobody to tell but the data
      Floats<4> nothing;
#pragma unroll
      for (int k = 0; k < 4; k++) nothing[k] = __uint_as_float(0x7fc00000u);
      return store_quad(x + at, nothing, count, whole);
    }
    const float* c = coefficients + int64_t{8} * now;
    float kx = c[0], kp = c[1], cx = c[2], c0 = c[3], c1 = c[4], cn = c[5], w = c[6], clamp = c[7];
    Floats<4> state = load_quad(x + at, count, whole), p = load_quad(prediction + at, count, whole), unconditional{}, before{}, eps{};
    if (guided) unconditional = load_quad(prediction + batch * n + at, count, whole);
    if (c1 != 0) before = load_quad(history + at, count, whole);
    if (cn != 0) eps = normals(row_words(rows, random, purpose, now, b, i / 4));
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float predicted = guided ? fmaf(w, p[k] - unconditional[k], unconditional[k]) : p[k];
      float x0 = fmaf(kp, predicted, kx * state[k]);
      if (clamp > 0) x0 = x0 > clamp ? clamp : (x0 < -clamp ? -clamp : x0);  // NaN stays NaN
      float next = fmaf(c0, x0, cx * state[k]);
      if (c1 != 0) next = fmaf(c1, before[k], next);
      if (cn != 0) next = fmaf(cn, eps[k], next);
      state[k] = next;
      before[k] = x0;
    }
    store_quad(x + at, state, count, whole);
    store_quad(history + at, before, count, whole);
  }
};

}  // namespace

void sampler_step(int type, int guided, float* x, const void* prediction, float* history, const float* coefficients, const int* step, int steps,
                  const int* rows, const int* random, int purpose, int64_t batch, int64_t n, void* stream) {
  Range range("sampler_step");
  check_type("sampler_step", type);
  check(steps > 0, "sampler_step: ", steps, " steps");
  check_rows("sampler_step", purpose, batch, n);
  check_aligned("sampler_step", x, prediction, history);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    over_rows("sampler_step",
              StepRows<T>{guided, x, static_cast<const T*>(prediction), history, coefficients, step, steps, rows, random, purpose, batch, n},
              batch, n, stream);
  });
}

}  // namespace fizzy::cuda
