// A few thousand elements, in double so that cos(1000) is right to the last bit of f32; bound by the launch.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct Sinusoids {
  const float* t;
  T* y;
  int half;
  double step;  // of the exponent
  template <int W>
  __device__ void at(int64_t i) const {
    int64_t b = i / half;
    int f = static_cast<int>(i - b * half);
    double angle = t[b] * exp(step * f);
    y[2 * b * half + f] = narrow<T>(static_cast<float>(cos(angle)));
    y[2 * b * half + half + f] = narrow<T>(static_cast<float>(sin(angle)));
  }
};

}  // namespace

void timestep_embedding(int type, const float* t, void* y, int batch, int width, void* stream) {
  Range range("timestep_embedding");
  check_type("timestep_embedding", type);
  check(batch >= 1 && width >= 2 && width % 2 == 0, "timestep_embedding: batch ", batch, ", width ", width, "; the width is even");
  by_type(type, [&](auto kind) {
    using T = decltype(kind);
    // ln 10000 over half the width
    pointwise<1>("timestep_embedding", Sinusoids<T>{t, static_cast<T*>(y), width / 2, -9.210340371976184 / (width / 2)},
                 int64_t{batch} * (width / 2), stream);
  });
}

}  // namespace fizzy::cuda
