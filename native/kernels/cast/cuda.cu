// Floor: one read and one write an element over bandwidth. Eight elements a thread: 16 bytes of bf16.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename From, typename To>
struct CastTo {
  const From* x;
  To* y;
  template <int W>
  __device__ void at(int64_t i) const {
    store(y + i, load<W>(x + i));
  }
};

}  // namespace

void cast(int from, int to, const void* x, void* y, int64_t n, void* stream) {
  Range range("cast");
  check_type("cast", from);
  check_type("cast", to);
  check_aligned("cast", x, y);
  by_type(from, [&](auto f) {
    by_type(to, [&](auto t) {
      using From = decltype(f);
      using To = decltype(t);
      constexpr int W = sizeof(From) == 4 && sizeof(To) == 4 ? 4 : 8;
      pointwise<W>("cast", CastTo<From, To>{static_cast<const From*>(x), static_cast<To*>(y)}, n, stream);
    });
  });
}

}  // namespace fizzy::cuda
