// The references of the convolutions: naive, sums in double, f32 in and out. Cross-correlation, as PyTorch's Conv2d.
#pragma once

namespace fizzy {

struct ConvolutionShape {
  int batch, height, width, cin, cout, k, stride, top, left, bottom, right;
  int out_height() const { return (height + top + bottom - k) / stride + 1; }
  int out_width() const { return (width + left + right - k) / stride + 1; }
};

namespace reference {
// y[b,i,j,o] = bias[o] + residual[b,i,j,o] + sum x[b, i s - top + p, j s - left + q, c] w[o,c,p,q]
void convolution(const ConvolutionShape& s, const float* x, const float* w, const float* bias, const float* residual, float* y);
void convolution_backward_data(const ConvolutionShape& s, const float* dy, const float* w, float* dx);
void convolution_backward_weights(const ConvolutionShape& s, const float* x, const float* dy, float* dw, float* db);
}  // namespace reference
}  // namespace fizzy
