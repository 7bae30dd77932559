#include "kernels/convolution/convolution.h"

#include <cstddef>
#include <vector>

namespace fizzy::reference {
namespace {

// Calls body(x index of the first channel, y index of the first channel, tap p*k+q) for every tap inside the image.
template <typename Body>
void each_tap(const ConvolutionShape& s, Body body) {
  for (int b = 0; b < s.batch; b++)
    for (int i = 0; i < s.out_height(); i++)
      for (int j = 0; j < s.out_width(); j++)
        for (int p = 0; p < s.k; p++)
          for (int q = 0; q < s.k; q++) {
            int row = i * s.stride - s.top + p, column = j * s.stride - s.left + q;
            if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
            size_t x = ((static_cast<size_t>(b) * s.height + row) * s.width + column) * s.cin;
            size_t y = ((static_cast<size_t>(b) * s.out_height() + i) * s.out_width() + j) * s.cout;
            body(x, y, p * s.k + q);
          }
}

// Reorders w[o,c,tap] to [tap][o][c], so that the innermost loops are contiguous.
std::vector<float> by_tap(const ConvolutionShape& s, const float* w) {
  std::vector<float> out(static_cast<size_t>(s.cout) * s.cin * s.k * s.k);
  for (int o = 0; o < s.cout; o++)
    for (int c = 0; c < s.cin; c++)
      for (int t = 0; t < s.k * s.k; t++)
        out[(static_cast<size_t>(t) * s.cout + o) * s.cin + c] = w[(static_cast<size_t>(o) * s.cin + c) * s.k * s.k + t];
  return out;
}

}  // namespace

void convolution(const ConvolutionShape& s, const float* x, const float* w, const float* bias, const float* residual, float* y) {
  size_t n = static_cast<size_t>(s.batch) * s.out_height() * s.out_width() * s.cout;
  std::vector<double> sums(n);
  for (size_t i = 0; i < n; i++) sums[i] = (bias ? bias[i % s.cout] : 0.) + (residual ? residual[i] : 0.);
  auto taps = by_tap(s, w);
  each_tap(s, [&](size_t at_x, size_t at_y, int tap) {
    const float* weights = taps.data() + static_cast<size_t>(tap) * s.cout * s.cin;
    for (int o = 0; o < s.cout; o++) {
      double sum = 0;
      for (int c = 0; c < s.cin; c++) sum += static_cast<double>(x[at_x + c]) * weights[static_cast<size_t>(o) * s.cin + c];
      sums[at_y + o] += sum;
    }
  });
  for (size_t i = 0; i < n; i++) y[i] = static_cast<float>(sums[i]);
}

void convolution_backward_data(const ConvolutionShape& s, const float* dy, const float* w, float* dx) {
  size_t n = static_cast<size_t>(s.batch) * s.height * s.width * s.cin;
  std::vector<double> sums(n);
  auto taps = by_tap(s, w);
  each_tap(s, [&](size_t at_x, size_t at_y, int tap) {
    const float* weights = taps.data() + static_cast<size_t>(tap) * s.cout * s.cin;
    for (int o = 0; o < s.cout; o++)
      for (int c = 0; c < s.cin; c++) sums[at_x + c] += static_cast<double>(dy[at_y + o]) * weights[static_cast<size_t>(o) * s.cin + c];
  });
  for (size_t i = 0; i < n; i++) dx[i] = static_cast<float>(sums[i]);
}

void convolution_backward_weights(const ConvolutionShape& s, const float* x, const float* dy, float* dw, float* db) {
  size_t taps = static_cast<size_t>(s.k) * s.k;
  std::vector<double> sums(taps * s.cout * s.cin);
  each_tap(s, [&](size_t at_x, size_t at_y, int tap) {
    double* out = sums.data() + static_cast<size_t>(tap) * s.cout * s.cin;
    for (int o = 0; o < s.cout; o++)
      for (int c = 0; c < s.cin; c++) out[static_cast<size_t>(o) * s.cin + c] += static_cast<double>(dy[at_y + o]) * x[at_x + c];
  });
  for (int o = 0; o < s.cout; o++)
    for (int c = 0; c < s.cin; c++)
      for (size_t t = 0; t < taps; t++)
        dw[(static_cast<size_t>(o) * s.cin + c) * taps + t] = static_cast<float>(sums[(t * s.cout + o) * s.cin + c]);
  if (db == nullptr) return;
  size_t pixels = static_cast<size_t>(s.batch) * s.out_height() * s.out_width();
  for (int o = 0; o < s.cout; o++) {
    double sum = 0;
    for (size_t i = 0; i < pixels; i++) sum += dy[i * s.cout + o];
    db[o] = static_cast<float>(sum);
  }
}

}  // namespace fizzy::reference
