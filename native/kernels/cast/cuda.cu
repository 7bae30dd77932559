// Floor: one read and one write an element over bandwidth. Eight elements a thread: 16 bytes of bf16.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename From, typename To>
struct CastTo {
  Backend::Cast o;
  template <int W>
  __device__ void at(int64_t i) const {
    store(static_cast<To*>(o.y) + i, load<W>(static_cast<const From*>(o.x) + i));
  }
};

}  // namespace

void cast(const Backend::Cast& o, void* stream) {
  check_aligned("cast", o.x, o.y);
  by_type(o.from, [&](auto f) {
    by_type(o.to, [&](auto t) {
      using From = decltype(f);
      using To = decltype(t);
      constexpr int W = sizeof(From) == 4 && sizeof(To) == 4 ? 4 : 8;
      pointwise<W>("cast", CastTo<From, To>{o}, o.n, stream);
    });
  });
}

}  // namespace fizzy::cuda
