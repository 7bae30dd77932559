// Noise is drawn where it is used. Floor: 12 bytes an element in f32 over bandwidth, or the drawing (kernels/noise/cuda.cu).
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct NoisyRows {
  int velocity;
  const float *x0, *alpha, *sigma;
  const int *rows, *random;
  int purpose;
  T* xt;
  float* target;
  int64_t n;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    Floats<4> eps = normals(row_words(rows, random, purpose, random[2], b, i / 4)), x = load_quad(x0 + b * n + i, count, whole), noisy;
    float a = alpha[b], s = sigma[b];
#pragma unroll
    for (int k = 0; k < 4; k++) {
      noisy[k] = fmaf(a, x[k], s * eps[k]);
      if (velocity) eps[k] = fmaf(a, eps[k], -(s * x[k]));
    }
    store_quad(xt + b * n + i, noisy, count, whole);
    store_quad(target + b * n + i, eps, count, whole);
  }
};

}  // namespace

void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n, void* stream) {
  Range range("q_sample");
  check_type("q_sample", type);
  check_rows("q_sample", purpose, batch, n);
  check_aligned("q_sample", x0, xt, target);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    over_rows("q_sample", NoisyRows<T>{velocity, x0, alpha, sigma, rows, random, purpose, static_cast<T*>(xt), target, n}, batch, n, stream);
  });
}

}  // namespace fizzy::cuda
