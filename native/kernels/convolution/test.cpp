#include "kernels/convolution/convolution.h"

#include "common/testing_primitive.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

void test(const ConvolutionShape& s, int type, const std::string& shape) {
  std::string what = "convolution type " + std::to_string(type) + " shape " + shape;
  size_t nx = static_cast<size_t>(s.batch) * s.height * s.width * s.cin;
  size_t ny = static_cast<size_t>(s.batch) * s.out_height() * s.out_width() * s.cout;
  size_t nw = static_cast<size_t>(s.cout) * s.cin * s.k * s.k;
  // f32: sums of up to 6912 products, rounded independently; bf16: rounding of the result and of the copy of the weights.
  double tolerance = type == 0 ? 4e-6 : 8e-3;
  Array x = Array::normal(type, nx, 1), w = Array::normal(0, nw, 2), bias = Array::normal(0, s.cout, 3);
  Array residual = Array::normal(type, ny, 4), dy = Array::normal(type, ny, 5);
  Array y(type, ny), dx(type, nx), dw(0, nw), db(0, s.cout), wanted_y(0, ny), wanted_dx(0, nx), wanted_dw(0, nw), wanted_db(0, s.cout);

  for (bool add : {false, true}) {
    Array unpacked(type, ny);
    for (bool packed : {false, true}) {
      auto make = [&] {
        return convolution(type, s.batch, s.height, s.width, s.cin, s.cout, s.k, s.stride, s.top, s.left, s.bottom, s.right, add, add, false,
                           packed);
      };
      run(make, {&x, &w, add ? &bias : nullptr, add ? &residual : nullptr, &y}, false, what);
      if (!packed)
        reference::convolution(s, floats(x).data(), w.f.data(), add ? bias.f.data() : nullptr, add ? floats(residual).data() : nullptr,
                               wanted_y.f.data());
      expect_close(y, wanted_y, tolerance, what + (packed ? " packed" : "") + (add ? " bias residual" : ""));
      if (!packed) unpacked = y;
      else expect(same_bits(unpacked, y), what + " has other bits with packed weights");
    }
  }
  // PReLU instead of the residual, fused into oneDNN's convolution or after it.
  Array slope = Array::normal(0, s.cout, 6, .25f);
  run([&] {
    return convolution(type, s.batch, s.height, s.width, s.cin, s.cout, s.k, s.stride, s.top, s.left, s.bottom, s.right, true, false, true,
                       false);
  }, {&x, &w, &bias, nullptr, &y, nullptr, &slope}, false, what + " PReLU");
  reference::convolution(s, floats(x).data(), w.f.data(), bias.f.data(), nullptr, wanted_y.f.data());
  for (size_t i = 0; i < ny; i++)
    if (wanted_y.f[i] < 0) wanted_y.f[i] *= slope.f[i % s.cout];
  expect_close(y, wanted_y, tolerance, what + " PReLU");
  run([&] {
    return convolution_backward_data(type, s.batch, s.height, s.width, s.cin, s.cout, s.k, s.stride, s.top, s.left, s.bottom, s.right);
  }, {&dy, &w, nullptr, nullptr, &dx}, true, what + " backward data");
  reference::convolution_backward_data(s, floats(dy).data(), w.f.data(), wanted_dx.f.data());
  expect_close(dx, wanted_dx, tolerance, what + " backward data");

  auto weight_gradient = [&](bool thread_count_matters) {
    run([&] {
      return convolution_backward_weights(type, s.batch, s.height, s.width, s.cin, s.cout, s.k, s.stride, s.top, s.left, s.bottom, s.right,
                                          true);
    }, {&x, &dy, nullptr, nullptr, &dw, &db}, thread_count_matters, what + " backward weights");
    reference::convolution_backward_weights(s, floats(x).data(), floats(dy).data(), wanted_dw.f.data(), wanted_db.f.data());
    expect_close(dw, wanted_dw, 4e-6, what + " weight gradient");
    expect_close(db, wanted_db, 4e-6, what + " bias gradient");
  };
  // A matrix product, which oneDNN computes on all threads, if there are few pixels.
  weight_gradient(s.k > 1 && s.batch * s.out_height() * s.out_width() <= 2 * s.cout);
  if (s.batch == 3) {  // more tiles for more threads
    int before = threads();
    set_threads(17);
    weight_gradient(true);
    set_threads(before);
  }

  auto any = [&](int batch) {
    return convolution(type, batch, s.height, s.width, s.cin, s.cout, s.k, s.stride, s.top, s.left, s.bottom, s.right, true, false, false, true);
  };
  expect_same_in_any_batch(any, {&x, &w, &bias, nullptr, &y}, s.batch, {1, 2, 33}, what);
}

}  // namespace

int test_convolution() {
  for (auto& row : shapes()) {
    ConvolutionShape s{row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]};
    std::string line;
    for (int v : row) line.append(std::to_string(v)).append(" ");
    for (int type = 0; type < 2; type++) test(s, type, line);
  }
  return result("convolution");
}
