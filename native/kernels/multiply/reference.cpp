#include <vector>

#include "common/bf16.h"
#include "kernels/multiply/multiply.h"

namespace fizzy::reference {
namespace {

// The index in b that goes with index i in a.
int64_t factor(const Backend::Multiply& o, int64_t i) { return o.q == o.p ? i : i / (o.p * o.c) * o.c + i % o.c; }

}  // namespace

void multiply(const Backend::Multiply& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < o.batch * o.p * o.c; i++)
      static_cast<T*>(o.y)[i] = from_float<T>(to_float(static_cast<const T*>(o.a)[i]) * to_float(static_cast<const T*>(o.b)[factor(o, i)]));
  });
}

void multiply_backward(const Backend::MultiplyBackward& call) {
  const auto& o = call.forward;
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    std::vector<double> sums(o.batch * o.q * o.c);
    for (int64_t i = 0; i < o.batch * o.p * o.c; i++) {
      double d = to_float(static_cast<const T*>(call.dy)[i]);
      sums[factor(o, i)] += d * to_float(static_cast<const T*>(o.a)[i]);
      if (call.da) static_cast<T*>(call.da)[i] = from_float<T>(static_cast<float>(d * to_float(static_cast<const T*>(o.b)[factor(o, i)])));
    }
    for (size_t i = 0; call.db && i < sums.size(); i++) static_cast<T*>(call.db)[i] = from_float<T>(static_cast<float>(sums[i]));
  });
}

}  // namespace fizzy::reference
