#include <cmath>
#include <vector>

#include "common/bf16.h"
#include "kernels/attention/attention.h"

namespace fizzy::reference {
namespace {

// Row-major doubles of one head.
struct Matrix {
  int columns;
  std::vector<double> values;
  Matrix(int rows, int columns) : columns(columns), values(static_cast<size_t>(rows) * columns) {}
  double& operator()(int i, int j) { return values[static_cast<size_t>(i) * columns + j]; }
};

template <typename T>
Matrix read(const T* rows, int64_t stride, int count, int width) {
  Matrix m(count, width);
  for (int i = 0; i < count; i++)
    for (int d = 0; d < width; d++) m(i, d) = to_float(rows[i * stride + d]);
  return m;
}

template <typename T>
void write(Matrix& m, T* rows, int64_t stride, int count, int width) {
  for (int i = 0; i < count; i++)
    for (int d = 0; d < width; d++) rows[i * stride + d] = from_float<T>(static_cast<float>(m(i, d)));
}

// The softmax of one head's scores [T][S], and the logarithm of each row's denominator.
Matrix probabilities(Matrix& q, Matrix& k, const AttentionShape& s, float* lse) {
  Matrix p(s.queries, s.keys);
  for (int i = 0; i < s.queries; i++) {
    double largest = -INFINITY, sum = 0;
    int keys = s.causal ? i + 1 : s.keys;
    for (int j = 0; j < keys; j++) {
      for (int d = 0; d < s.width; d++) p(i, j) += q(i, d) * k(j, d) / std::sqrt(static_cast<double>(s.width));
      largest = std::fmax(largest, p(i, j));
    }
    for (int j = 0; j < keys; j++) sum += std::exp(p(i, j) - largest);
    for (int j = 0; j < keys; j++) p(i, j) = std::exp(p(i, j) - largest) / sum;
    if (lse) lse[i] = static_cast<float>(largest + std::log(sum));
  }
  return p;
}

template <typename T>
void forward(const AttentionRows<const T>& in, T* y, float* lse, const AttentionShape& s) {
  int64_t channels = int64_t{s.heads} * s.width;
  for (int b = 0; b < s.batch; b++)
    for (int h = 0; h < s.heads; h++) {
      int64_t first = b * int64_t{s.queries}, key = b * int64_t{s.keys} * in.kv_stride + h * s.width;
      Matrix q = read(in.q + first * in.q_stride + h * s.width, in.q_stride, s.queries, s.width);
      Matrix k = read(in.k + key, in.kv_stride, s.keys, s.width), v = read(in.v + key, in.kv_stride, s.keys, s.width);
      Matrix p = probabilities(q, k, s, lse + (int64_t{b} * s.heads + h) * s.queries), out(s.queries, s.width);
      for (int i = 0; i < s.queries; i++)
        for (int j = 0; j < s.keys; j++)
          for (int d = 0; d < s.width; d++) out(i, d) += p(i, j) * v(j, d);
      write(out, y + first * channels + h * s.width, channels, s.queries, s.width);
    }
}

// From the softmax's definition, without the forward pass's output: dS_ij = P_ij (dP_ij - sum_l P_il dP_il).
template <typename T>
void backward(const AttentionRows<const T>& in, const T* dy, const AttentionRows<T>& out, const AttentionShape& s) {
  int64_t channels = int64_t{s.heads} * s.width;
  double scale = 1 / std::sqrt(static_cast<double>(s.width));
  for (int b = 0; b < s.batch; b++)
    for (int h = 0; h < s.heads; h++) {
      int64_t first = b * int64_t{s.queries}, query = first * in.q_stride + h * s.width, key = b * int64_t{s.keys} * in.kv_stride + h * s.width;
      Matrix q = read(in.q + query, in.q_stride, s.queries, s.width), k = read(in.k + key, in.kv_stride, s.keys, s.width);
      Matrix v = read(in.v + key, in.kv_stride, s.keys, s.width), up = read(dy + first * channels + h * s.width, channels, s.queries, s.width);
      Matrix p = probabilities(q, k, s, nullptr);
      Matrix dq(s.queries, s.width), dk(s.keys, s.width), dv(s.keys, s.width), dp(s.queries, s.keys);
      for (int i = 0; i < s.queries; i++) {
        double mean = 0;
        for (int j = 0; j < s.keys; j++) {
          for (int d = 0; d < s.width; d++) dp(i, j) += up(i, d) * v(j, d);
          mean += p(i, j) * dp(i, j);
        }
        for (int j = 0; j < s.keys; j++)
          for (int d = 0; d < s.width; d++) {
            double ds = p(i, j) * (dp(i, j) - mean) * scale;
            dq(i, d) += ds * k(j, d);
            dk(j, d) += ds * q(i, d);
            dv(j, d) += p(i, j) * up(i, d);
          }
      }
      write(dq, out.q + query, in.q_stride, s.queries, s.width);
      write(dk, out.k + key, in.kv_stride, s.keys, s.width);
      write(dv, out.v + key, in.kv_stride, s.keys, s.width);
    }
}

}  // namespace

void attention(const Backend::Attention& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    forward<T>({static_cast<const T*>(o.q), static_cast<const T*>(o.kv), o}, static_cast<T*>(o.y), o.lse, o);
  });
}

void attention_backward(const Backend::AttentionBackward& o) {
  const Backend::Attention& a = o.forward;
  by_type(a.type, [&](auto t) {
    using T = decltype(t);
    backward<T>({static_cast<const T*>(a.q), static_cast<const T*>(a.kv), a}, static_cast<const T*>(o.dy),
                {static_cast<T*>(o.dq), static_cast<T*>(o.dkv), a}, a);
  });
}

}  // namespace fizzy::reference
