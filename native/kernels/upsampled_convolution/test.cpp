// The reference doubles the image and convolves it.
#include "common/testing_primitive.h"
#include "kernels/convolution/convolution.h"
#include "kernels/upsample/upsample.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_upsampled_convolution() {
  for (auto& row : shapes())
    for (int type = 0; type < 2; type++) {
      int b = row[0], h = row[1], w = row[2], cin = row[3], cout = row[4];
      ConvolutionShape doubled{b, 2 * h, 2 * w, cin, cout, 3, 1, 1, 1, 1, 1};
      std::string what = "upsampled_convolution type " + std::to_string(type) + " shape";
      for (int v : row) what.append(" ").append(std::to_string(v));
      size_t nx = static_cast<size_t>(b) * h * w * cin, ny = static_cast<size_t>(4) * b * h * w * cout;
      double tolerance = type == 0 ? 4e-6 : 8e-3;  // as of the convolution
      Array x = Array::normal(type, nx, 1), weights = Array::normal(0, static_cast<size_t>(cout) * cin * 9, 2), bias = Array::normal(0, cout, 3);
      Array y(type, ny), expected(0, ny), large(type, 4 * nx);

      at_reference([&](Backend& backend) { backend.upsample({type, x.data(), large.data(), b, h, w, cin}); });
      for (bool add : {false, true}) {
        reference::convolution(doubled, floats(large).data(), weights.f.data(), add ? bias.f.data() : nullptr, nullptr, expected.f.data());
        run([&] { return upsampled_convolution(type, b, h, w, cin, cout, add); }, {&x, &weights, add ? &bias : nullptr, nullptr, &y}, false,
            what);
        expect_close(y, expected, tolerance, what + (add ? " bias" : ""));
      }
      expect_same_in_any_batch([&](int batch) { return upsampled_convolution(type, batch, h, w, cin, cout, true); },
                               {&x, &weights, &bias, nullptr, &y}, b, {1, 2, 5}, what);
    }
  return result("upsampled_convolution");
}
