#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

struct Run {
  Array y, dx, dfilter, dbias;
};

void test(const std::vector<int>& s, int type) {
  int b = s[0], h = s[1], w = s[2], c = s[3], kh = s[4], kw = s[5], oh = s[9], ow = s[10];
  size_t nx = size_t(b) * h * w * c, ny = size_t(b) * oh * ow * c, nf = size_t(kh) * kw * c;
  Array x = Array::normal(type, nx, 1), dy = Array::normal(type, ny, 2), filter = Array::normal(0, nf, 3);
  Array bias = Array::normal(0, c, 4), slope = Array::normal(0, c, 5, .25f);
  auto run = [&](Backend& backend, bool epilogue) {
    Run r{Array(type, ny), Array(type, nx), Array(0, nf), Array(0, c)};
    Backend::DepthwiseConvolution call{type,
                                       x.data(),
                                       filter.f.data(),
                                       epilogue ? bias.f.data() : nullptr,
                                       epilogue ? slope.f.data() : nullptr,
                                       r.y.data(),
                                       b,
                                       h,
                                       w,
                                       c,
                                       kh,
                                       kw,
                                       s[6],
                                       s[7],
                                       s[8],
                                       oh,
                                       ow};
    backend.depthwise_convolution(call);
    Backend::DepthwiseConvolutionBackward back{call, dy.data(), r.dx.data(), r.dfilter.f.data(), r.dbias.f.data(), nullptr};
    auto scratch = with_scratch(backend, back);
    backend.depthwise_convolution_backward(back);
    return r;
  };
  for (bool epilogue : {false, true}) {
    Run expected{Array(type, 0), Array(type, 0), Array(0, 0), Array(0, 0)};
    at_reference([&](Backend& backend) { expected = run(backend, epilogue); });
    for_each_backend([&](Backend& backend, const std::string& name) {
      std::string what = name + " depthwise_convolution type " + std::to_string(type) + (epilogue ? " bias PReLU" : "");
      for (int v : s) (what += ' ') += std::to_string(v);
      Run r = run(backend, epilogue);
      // Up to 49 products, rounded independently, and once more in bf16; gradients of the filter sum up to 1568.
      double tolerance = type == 0 ? 1e-6 : 4e-3;
      expect_close(r.y, expected.y, tolerance, what);
      expect_close(r.dx, expected.dx, tolerance, what + " dx");
      expect_close(r.dfilter, expected.dfilter, 4e-6, what + " dfilter");
      expect_close(r.dbias, expected.dbias, 4e-6, what + " dbias");
      int before = threads();
      set_threads(3);
      Run again = run(backend, epilogue);
      set_threads(before);
      expect_close(again.y, r.y, 0, what + " depends on the number of threads");
      expect_close(again.dx, r.dx, 0, what + " dx depends on the number of threads");
      expect(again.dfilter.f == r.dfilter.f && again.dbias.f == r.dbias.f, what + " gradients depend on the number of threads");
    }, nx > 60000);
  }
}

}  // namespace

int test_depthwise_convolution() {
  for (auto& s : shapes())
    for (int type = 0; type < 2; type++) test(s, type);
  float x[9] = {}, y[9];
  Backend::DepthwiseConvolution none{0, x, x, nullptr, nullptr, y, 1, 3, 3, 1, 3, 3, 0, 1, 1, 3, 3};
  expect_refusal([&] { cpu().depthwise_convolution(none); }, "depthwise_convolution: filters of 3x3 every 0 pixels");
  return result("depthwise_convolution");
}
