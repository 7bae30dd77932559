// Floor: 4 bytes an element over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

struct FillFloats {
  float* y;
  float value;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v;
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = value;
    store(y + i, v);
  }
};

}  // namespace

void fill(const Backend::Fill& o, void* stream) {
  check_aligned("fill", o.y);
  pointwise<4>("fill", FillFloats{o.y, o.value}, o.n, stream);
}

}  // namespace fizzy::cuda
