// Floor: one write an element over bandwidth; the row is read from the caches.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename T>
struct BroadcastRow {
  Backend::Broadcast o;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v;
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = o.x[(i + k) % o.columns];
    store(static_cast<T*>(o.y) + i, v);
  }
};

}  // namespace

void broadcast(const Backend::Broadcast& o, void* stream) {
  check_aligned("broadcast", o.y);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("broadcast", BroadcastRow<T>{o}, int64_t{o.rows} * o.columns, stream);
  });
}

}  // namespace fizzy::cuda
