// The noise is drawn inside the kernel. Floor: 12 bytes an element in f32 over bandwidth, or the arithmetic of drawing
// (kernels/noise/cuda.cu).
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct NoisyRows {
  Backend::QSample o;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    int64_t at = b * o.n + i;
    Floats<4> eps = normals(row_words(o.rows, o.random, o.purpose, o.random[2], b, i / 4)), x = load_quad(o.x0 + at, count, whole), noisy;
    float a = o.alpha[b], s = o.sigma[b];
#pragma unroll
    for (int k = 0; k < 4; k++) {
      noisy[k] = fmaf(a, x[k], s * eps[k]);
      if (o.velocity) eps[k] = fmaf(a, eps[k], -(s * x[k]));
    }
    store_quad(static_cast<T*>(o.xt) + at, noisy, count, whole);
    store_quad(o.target + at, eps, count, whole);
  }
};

}  // namespace

void q_sample(const Backend::QSample& o, void* stream) {
  check_aligned("q_sample", o.x0, o.xt, o.target);
  by_type(o.type, [&](auto t) { over_rows("q_sample", NoisyRows<decltype(t)>{o}, o.batch, o.n, stream); });
}

}  // namespace fizzy::cuda
