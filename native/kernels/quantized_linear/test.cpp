#include "common/testing_quantized.h"
#include "kernels/matmul/matmul.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_quantized_linear() {
  if (!has_integers([] { return quantized_linear(4, 8, 8, false, false, true); })) return result("quantized_linear");
  for (auto& shape : shapes()) {
    int m = shape[0], n = shape[1], k = shape[2];
    std::string what = "quantized_linear shape " + std::to_string(m) + " " + std::to_string(n) + " " + std::to_string(k);
    size_t ny = static_cast<size_t>(m) * n;
    Array x = Array::normal(1, static_cast<size_t>(m) * k, 1), w = Array::normal(0, static_cast<size_t>(n) * k, 2),
          bias = Array::normal(0, n, 3);
    Array residual = Array::normal(1, ny, 4), reach(0, 2), y(1, ny), product(0, ny);
    reach.f = {2.9f, 1.3f};
    reference::matmul(1, m, n, k, false, true, 1, rounded_inputs(x, reach).f.data(), rounded_weights(w, n).f.data(), product.f.data());
    for (bool add : {false, true})
      for (bool packed : {false, true}) {
        Array expected = product;
        for (size_t i = 0; add && i < ny; i++) expected.f[i] += bias.f[i % n] + residual.get(i);
        run([&] { return quantized_linear(m, n, k, add, add, packed); },
            {&x, &w, add ? &bias : nullptr, add ? &residual : nullptr, &y, nullptr, nullptr, &reach}, false, what);
        expect_close(y, expected, 4e-3, what + (packed ? " packed" : "") + (add ? " bias residual" : ""));
      }
    auto any = [&](int rows) { return quantized_linear(rows, n, k, true, false, true); };
    expect_same_in_any_batch(any, {&x, &w, &bias, nullptr, &y, nullptr, nullptr, &reach}, m, {1, m, 3 * m}, what);
  }
  return result("quantized_linear");
}
