// The references are those of the convolution with input and output exchanged: forward is its backward data, and so on.
#include "common/testing_primitive.h"
#include "kernels/convolution/convolution.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_transposed_convolution() {
  for (auto& row : shapes())
    for (int type = 0; type < 2; type++) {
      int b = row[0], h = row[1], w = row[2], cin = row[3], cout = row[4], k = row[5], s = row[6], p = row[7];
      ConvolutionShape mirrored{b, (h - 1) * s - 2 * p + k, (w - 1) * s - 2 * p + k, cout, cin, k, s, p, p, p, p};
      std::string what = "transposed_convolution type " + std::to_string(type) + " shape";
      for (int v : row) what.append(" ").append(std::to_string(v));
      size_t nx = static_cast<size_t>(b) * h * w * cin, ny = static_cast<size_t>(b) * mirrored.height * mirrored.width * cout;
      size_t nw = static_cast<size_t>(cin) * cout * k * k;
      double tolerance = type == 0 ? 4e-6 : 8e-3;
      Array x = Array::normal(type, nx, 1), weights = Array::normal(0, nw, 2), bias = Array::normal(0, cout, 3), dy = Array::normal(type, ny, 4);
      Array y(type, ny), dx(type, nx), dw(0, nw), db(0, cout), expected_y(0, ny), expected_dx(0, nx), expected_dw(0, nw), expected_db(0, cout);

      reference::convolution_backward_data(mirrored, floats(x).data(), weights.f.data(), expected_y.f.data());
      for (size_t i = 0; i < ny; i++) expected_y.f[i] += bias.f[i % cout];
      for (bool packed : {false, true}) {
        run([&] { return transposed_convolution(type, b, h, w, cin, cout, k, s, p, true, packed); }, {&x, &weights, &bias, nullptr, &y}, false,
            what);
        expect_close(y, expected_y, tolerance, what + (packed ? " packed" : ""));
      }
      run([&] { return transposed_convolution_backward_data(type, b, h, w, cin, cout, k, s, p); }, {&dy, &weights, nullptr, nullptr, &dx}, true,
          what + " backward data");
      reference::convolution(mirrored, floats(dy).data(), weights.f.data(), nullptr, nullptr, expected_dx.f.data());
      expect_close(dx, expected_dx, tolerance, what + " backward data");

      run([&] { return transposed_convolution_backward_weights(type, b, h, w, cin, cout, k, s, p, true); },
          {&x, &dy, nullptr, nullptr, &dw, &db}, k > 1 && b * h * w <= 2 * cin, what + " backward weights");
      reference::convolution_backward_weights(mirrored, floats(dy).data(), floats(x).data(), expected_dw.f.data(), nullptr);
      expect_close(dw, expected_dw, 4e-6, what + " weight gradient");
      auto up = floats(dy);
      for (int c = 0; c < cout; c++) {
        double sum = 0;
        for (size_t i = c; i < ny; i += cout) sum += up[i];
        expected_db.f[c] = static_cast<float>(sum);
      }
      expect_close(db, expected_db, 4e-6, what + " bias gradient");

      auto any = [&](int batch) { return transposed_convolution(type, batch, h, w, cin, cout, k, s, p, true, true); };
      expect_same_in_any_batch(any, {&x, &weights, &bias, nullptr, &y}, b, {1, 2, 33}, what);
    }
  return result("transposed_convolution");
}
