// Floor: one write an element; the row comes from the caches.
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

void broadcast(int type, const float* x, void* y, int rows, int columns, void* stream) {
  Range range("broadcast");
  check_type("broadcast", type);
  check(rows >= 0 && columns > 0, "broadcast: ", rows, " rows, ", columns, " columns");
  check_aligned("broadcast", y);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("broadcast", Broadcast<T>{x, static_cast<T*>(y), columns}, int64_t{rows} * columns, stream);
  });
}

}  // namespace fizzy::cuda
