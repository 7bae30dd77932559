#include "common/testing_quantized.h"
#include "kernels/convolution/convolution.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_quantized_convolution() {
  if (!has_integers([] { return quantized_convolution(1, 4, 4, 8, 8, 3, false, false, true); })) return result("quantized_convolution");
  expect_refusal([] { quantized_convolution(1, 4, 4, 8, 8, 1, false, false, true); }, "k must be odd and above 1, not 1");
  for (auto& row : shapes()) {
    int batch = row[0], height = row[1], width = row[2], cin = row[3], cout = row[4], k = row[5], around = k / 2;
    ConvolutionShape s{batch, height, width, cin, cout, k, 1, around, around, around, around};
    std::string what = "quantized_convolution shape";
    for (int v : row) what += " " + std::to_string(v);
    size_t pixels = static_cast<size_t>(batch) * height * width;
    Array x = Array::normal(1, pixels * cin, 1), w = Array::normal(0, static_cast<size_t>(cout) * cin * k * k, 2);
    Array bias = Array::normal(0, cout, 3), residual = Array::normal(1, pixels * cout, 4), reach(0, 2), y(1, pixels * cout);
    reach.f = {1.1f, 2.7f};                            // values beyond are cut off
    for (int i = 0; i < cin * k * k; i++) w.f[i] = 0;  // an output without weights
    Array expected(0, pixels * cout);
    for (bool add : {false, true})
      for (bool packed : {false, true}) {
        run([&] { return quantized_convolution(batch, height, width, cin, cout, k, add, add, packed); },
            {&x, &w, add ? &bias : nullptr, add ? &residual : nullptr, &y, nullptr, nullptr, &reach}, false, what);
        reference::convolution(s, rounded_inputs(x, reach).f.data(), rounded_weights(w, cout).f.data(), add ? bias.f.data() : nullptr,
                               add ? floats(residual).data() : nullptr, expected.f.data());
        expect_close(y, expected, 4e-3, what + (packed ? " packed" : "") + (add ? " bias residual" : ""));
      }
    auto any = [&](int images) { return quantized_convolution(images, height, width, cin, cout, k, true, false, true); };
    expect_same_in_any_batch(any, {&x, &w, &bias, nullptr, &y, nullptr, nullptr, &reach}, batch, {1, 2, 33}, what);
  }
  // A reach is checked when weights are packed.
  std::unique_ptr<Primitive, decltype(&primitive_free)> small(quantized_convolution(1, 4, 4, 8, 8, 3, false, false, true), &primitive_free);
  std::vector<float> data(4096), scratch(primitive_scratch_bytes(small.get())), packed(primitive_packed_bytes(small.get()));
  for (std::vector<float> wrong : {std::vector<float>{0, 0}, {-1, 2}, {NAN, 1}, {1, INFINITY}}) {
    std::unique_ptr<Bound, decltype(&bound_free)> bound(primitive_bind(small.get(), data.data(), data.data(), nullptr, nullptr, nullptr,
                                                                       wrong.data(), data.data(), nullptr, scratch.data(), packed.data()),
                                                        &bound_free);
    expect_refusal([&] { bound_pack(bound.get()); }, "need a reach below and above zero, not ");
  }
  return result("quantized_convolution");
}
