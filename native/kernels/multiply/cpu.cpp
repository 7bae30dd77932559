// Floor: three accesses an element over bandwidth, backward five; with one factor an image, two and three.
#include "common/channels.h"
#include "kernels/multiply/multiply.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Calls body(from the first index of a row of a, of the row of b) for every row; rows are shared out in chunks.
template <typename Body>
void rows(const Backend::Multiply& o, Body body) {
  int64_t chunk = std::max<int64_t>(1, ELEMENTWISE_GRAIN / o.c);
  parallel_row_chunks(o.batch * o.p, chunk, false, [&](int64_t, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) body(r * o.c, (o.q == o.p ? r : r / o.p) * o.c);
  });
}

// y = a b, row by row.
template <typename T>
void products(const Backend::Multiply& o, const T* a, const T* b, T* y) {
  rows(o, [&](int64_t i, int64_t k) { channels(o.c, [&](auto in, auto out) { out(y + i, in(a + i) * in(b + k)); }); });
}

}  // namespace

void multiply(const Backend::Multiply& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    products(o, static_cast<const T*>(o.a), static_cast<const T*>(o.b), static_cast<T*>(o.y));
  });
}

void multiply_backward(const Backend::MultiplyBackward& call) {
  const auto& o = call.forward;
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto a = static_cast<const T*>(o.a), dy = static_cast<const T*>(call.dy);
    if (call.da) products(o, dy, static_cast<const T*>(o.b), static_cast<T*>(call.da));
    if (!call.db) return;
    auto db = static_cast<T*>(call.db);
    if (o.q == o.p) return products(o, dy, a, db);
    // One thread sums the pixels of an image, in their order.
    parallel_for(o.batch, [&](int64_t image) {
      int64_t first = image * o.p * o.c;
      channels(o.c, [&](auto in, auto out) {
        vfloat sum{};
        for (int64_t i = first; i < first + o.p * o.c; i += o.c) sum = fma(in(dy + i), in(a + i), sum);
        out(db + image * o.c, sum);
      });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
