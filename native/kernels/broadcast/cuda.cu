// Floor: one write an element over bandwidth; the row is read from the caches.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct Broadcast {
  const float* x;
  T* y;
  int columns;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v;
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = x[(i + k) % columns];
    store(y + i, v);
  }
};

}  // namespace

void broadcast(const Backend::Broadcast& o, void* stream) {
  check_aligned("broadcast", o.y);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("broadcast", Broadcast<T>{o.x, static_cast<T*>(o.y), o.columns}, int64_t{o.rows} * o.columns, stream);
  });
}

}  // namespace fizzy::cuda
