// A few thousand elements, in double, so that cos(1000) is exact to the last bit of f32; bound by the launch.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct Sinusoids {
  Backend::TimestepEmbedding o;
  double step;  // of the exponent
  template <int W>
  __device__ void at(int64_t i) const {
    int half = o.width / 2;
    int64_t b = i / half;
    int f = static_cast<int>(i - b * half);
    T* y = static_cast<T*>(o.y);
    double angle = o.t[b] * exp(step * f);
    y[2 * b * half + f] = narrow<T>(static_cast<float>(cos(angle)));
    y[2 * b * half + half + f] = narrow<T>(static_cast<float>(sin(angle)));
  }
};

}  // namespace

void timestep_embedding(const Backend::TimestepEmbedding& o, void* stream) {
  check(o.batch >= 1 && o.width >= 2 && o.width % 2 == 0, "timestep_embedding: batch ", o.batch, ", width ", o.width, "; the width is even");
  by_type(o.type, [&](auto kind) {
    using T = decltype(kind);
    // ln 10000 over half the width
    pointwise<1>("timestep_embedding", Sinusoids<T>{o, -9.210340371976184 / (o.width / 2)}, int64_t{o.batch} * (o.width / 2), stream);
  });
}

}  // namespace fizzy::cuda
