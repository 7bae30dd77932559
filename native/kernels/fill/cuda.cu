// Floor: 4 bytes an element over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

struct FillFloats {
  Backend::Fill o;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v;
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = o.value;
    store(o.y + i, v);
  }
};

}  // namespace

void fill(const Backend::Fill& o, void* stream) {
  check_aligned("fill", o.y);
  pointwise<4>("fill", FillFloats{o}, o.n, stream);
}

}  // namespace fizzy::cuda
