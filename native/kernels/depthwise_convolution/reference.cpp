#include <vector>

#include "common/bf16.h"
#include "kernels/depthwise_convolution/depthwise_convolution.h"

namespace fizzy::reference {
namespace {

// Calls body(index in x, index in y, index in the filter) for every channel of every tap that is inside the image.
template <typename Body>
void each_product(const Backend::DepthwiseConvolution& o, Body body) {
  for (int64_t b = 0; b < o.b; b++)
    for (int64_t i = 0; i < o.oh; i++)
      for (int64_t j = 0; j < o.ow; j++)
        for (int64_t p = 0; p < o.kh; p++)
          for (int64_t q = 0; q < o.kw; q++) {
            int64_t row = i * o.stride - o.top + p, column = j * o.stride - o.left + q;
            if (row < 0 || row >= o.h || column < 0 || column >= o.w) continue;
            for (int64_t c = 0; c < o.c; c++)
              body(((b * o.h + row) * o.w + column) * o.c + c, ((b * o.oh + i) * o.ow + j) * o.c + c, (p * o.kw + q) * o.c + c);
          }
}

}  // namespace

void depthwise_convolution(const Backend::DepthwiseConvolution& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    std::vector<double> sums(int64_t{o.b} * o.oh * o.ow * o.c);
    each_product(
        o, [&](int64_t x, int64_t y, int64_t tap) { sums[y] += static_cast<double>(to_float(static_cast<const T*>(o.x)[x])) * o.filter[tap]; });
    for (size_t i = 0; i < sums.size(); i++) {
      double v = sums[i] + (o.bias ? o.bias[i % o.c] : 0);
      static_cast<T*>(o.y)[i] = from_float<T>(static_cast<float>(v > 0 || !o.slope ? v : v * o.slope[i % o.c]));
    }
  });
}

void depthwise_convolution_backward(const Backend::DepthwiseConvolutionBackward& call) {
  const auto& o = call.forward;
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    std::vector<double> dx(int64_t{o.b} * o.h * o.w * o.c), dfilter(int64_t{o.kh} * o.kw * o.c), dbias(o.c);
    auto dy = [&](int64_t i) { return static_cast<double>(to_float(static_cast<const T*>(call.dy)[i])); };
    each_product(o, [&](int64_t x, int64_t y, int64_t tap) {
      dx[x] += dy(y) * o.filter[tap];
      if (call.dfilter) dfilter[tap] += dy(y) * to_float(static_cast<const T*>(o.x)[x]);
    });
    for (int64_t i = 0; i < int64_t{o.b} * o.oh * o.ow * o.c; i++) dbias[i % o.c] += dy(i);
    for (size_t i = 0; call.dx && i < dx.size(); i++) static_cast<T*>(call.dx)[i] = from_float<T>(static_cast<float>(dx[i]));
    for (size_t i = 0; call.dfilter && i < dfilter.size(); i++) call.dfilter[i] = static_cast<float>(dfilter[i]);
    for (int i = 0; call.dbias && i < o.c; i++) call.dbias[i] = static_cast<float>(dbias[i]);
  });
}

}  // namespace fizzy::reference
