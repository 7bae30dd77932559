// The reference of the matrix products: naive, sums in double. y[b,i,j] = scale * sum over l of a[b,i,l] b[b,l,j], either operand
// transposed in memory or not.
#pragma once

namespace fizzy::reference {
void matmul(int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale, const float* a, const float* b, float* y);
}
