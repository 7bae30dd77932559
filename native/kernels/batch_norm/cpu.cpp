// Floor: memory. Forward reads x twice and writes y, backward reads x and dy twice and writes dx, since the second pass needs statistics of
// the whole batch. The second pass goes backwards, so that it begins with the rows that are still in the caches.
#include <cmath>

#include "common/channels.h"
#include "kernels/batch_norm/batch_norm.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

struct Scratch {
  double* sums[3];        // [C] each
  float* coefficient[5];  // [C] each
  float* partial;         // [chunks, K, C]

  explicit Scratch(const Backend::BatchNorm& n) {
    int64_t c = n.c;
    float* at = static_cast<float*>(n.scratch);
    for (int i = 0; i < 3; i++) sums[i] = reinterpret_cast<double*>(at) + i * c;
    for (int i = 0; i < 5; i++) coefficient[i] = at + (6 + i) * c;
    partial = at + 11 * c;
  }
};

// Mean of each channel over a chunk and the sum of squared deviations from it, in two passes. The first sums differences from the chunk's
// first row, so a large mean cancels nothing.
template <typename T>
void chunk_moments(const Backend::BatchNorm& n, float* mean, int64_t begin, int64_t end) {
  int c = n.c;
  float* squares = mean + c;
  auto x = static_cast<const T*>(n.x) + begin * c;
  int64_t count = end - begin, r = 0;
  std::memset(mean, 0, 2 * c * sizeof(float));
  for (; r + 2 <= count; r += 2)
    channels(c, [&](auto in, auto out) {
      vfloat origin = in(x);
      out(mean, in(mean) + ((in(x + r * c) - origin) + (in(x + (r + 1) * c) - origin)));
    });
  for (; r < count; r++) channels(c, [&](auto in, auto out) { out(mean, in(mean) + (in(x + r * c) - in(x))); });
  channels(c, [&](auto in, auto out) { out(mean, fma(in(mean), splat(1.f / count), in(x))); });
  auto square = [](vfloat d) { return d * d; };
  for (r = 0; r + 2 <= count; r += 2)
    channels(c, [&](auto in, auto out) {
      vfloat m = in(mean);
      out(squares, in(squares) + (square(in(x + r * c) - m) + square(in(x + (r + 1) * c) - m)));
    });
  for (; r < count; r++) channels(c, [&](auto in, auto out) { out(squares, in(squares) + square(in(x + r * c) - in(mean))); });
}

// u = a x + b, computed from the stored statistics, so that backward gets the same u. The offset is computed with the rounded slope, so
// that a large mean cancels exactly.
void affine(const Backend::BatchNorm& n, int i, float* a, float* b) {
  a[i] = static_cast<float>(static_cast<double>(n.gamma[i]) * n.rstd[i]);
  b[i] = static_cast<float>(n.beta[i] - static_cast<double>(a[i]) * n.mean[i]);
}

// Combines the moments of the chunks into those of the batch (Chan et al. 1979), in double, and updates the running ones.
void fold_moments(const Backend::BatchNorm& n) {
  Scratch s(n);
  int64_t size = cpu::chunk_rows(n), chunks = cpu::chunks(n);
  parallel_chunks(n.c, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      double mean = 0, squares = 0;
      auto count = [&](int64_t k) { return static_cast<double>(std::min(size, n.rows - k * size)); };
      for (int64_t k = 0; k < chunks; k++) mean += count(k) / n.rows * s.partial[2 * k * n.c + i];
      for (int64_t k = 0; k < chunks; k++) {
        double off = s.partial[2 * k * n.c + i] - mean;
        squares += s.partial[(2 * k + 1) * n.c + i] + count(k) * off * off;
      }
      n.mean[i] = static_cast<float>(mean);
      n.rstd[i] = static_cast<float>(1 / std::sqrt(squares / n.rows + n.eps));
      n.running_mean[i] = static_cast<float>(n.running_mean[i] + n.momentum * (mean - n.running_mean[i]));
      n.running_variance[i] = static_cast<float>(n.running_variance[i] + n.momentum * (squares / (n.rows - 1) - n.running_variance[i]));
      affine(n, static_cast<int>(i), s.coefficient[0], s.coefficient[1]);
    }
  });
}

// Coefficients from the running statistics.
void take_moments(const Backend::BatchNorm& n) {
  Scratch s(n);
  for (int i = 0; i < n.c; i++) {
    n.mean[i] = n.running_mean[i];
    n.rstd[i] = static_cast<float>(1 / std::sqrt(static_cast<double>(n.running_variance[i]) + n.eps));
    affine(n, i, s.coefficient[0], s.coefficient[1]);
  }
}

template <typename T, bool PRELU, bool RESIDUAL, bool STREAM>
void normalize(const Backend::BatchNorm& n, bool backwards) {
  Scratch s(n);
  const float *a = s.coefficient[0], *b = s.coefficient[1];
  parallel_row_chunks(n.rows, cpu::chunk_rows(n), backwards, [&](int64_t, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      auto x = static_cast<const T*>(n.x) + r * n.c;
      auto added = static_cast<const T*>(n.residual) + r * n.c;
      auto to = static_cast<T*>(n.y) + r * n.c;
      channels<STREAM>(n.c, [&](auto in, auto out) {
        vfloat u = fma(in(x), in(a), in(b));
        if (PRELU) u = u > 0 ? u : u * in(n.slope);
        if (RESIDUAL) u += in(added);
        out(to, u);
      });
    }
    if (STREAM) stream_end();
  });
}

template <typename T>
void normalize(const Backend::BatchNorm& n, bool backwards) {
  by_flag(n.slope != nullptr, [&](auto prelu) {
    by_flag(n.residual != nullptr, [&](auto residual) {
      by_flag(past_caches<T>(n.rows * n.c, n.c, n.y), [&](auto streams) { normalize<T, prelu(), residual(), streams()>(n, backwards); });
    });
  });
}

// du, from dy, and with PReLU also from u.
template <bool PRELU>
inline vfloat before_prelu(vfloat u, vfloat slope, vfloat dy) {
  return PRELU ? (u > 0 ? dy : dy * slope) : dy;
}

// Sums over each chunk of du, of du (x - mean), and, with PReLU, of dy u where u is negative.
template <typename T, bool PRELU>
void chunk_gradients(const Backend::BatchNorm& n, const void* dy) {
  constexpr int K = PRELU ? 3 : 2;
  Scratch s(n);
  const float *a = s.coefficient[0], *b = s.coefficient[1];
  parallel_row_chunks(n.rows, cpu::chunk_rows(n), false, [&](int64_t chunk, int64_t begin, int64_t end) {
    float *first = s.partial + chunk * K * n.c, *second = first + n.c, *third = second + n.c;
    std::memset(first, 0, K * n.c * sizeof(float));
    for (int64_t r = begin; r < end; r++) {
      auto x = static_cast<const T*>(n.x) + r * n.c;
      auto up = static_cast<const T*>(dy) + r * n.c;
      channels(n.c, [&](auto in, auto out) {
        vfloat v = in(x), d = in(up);
        if (PRELU) {
          vfloat u = fma(v, in(a), in(b));
          out(third, fma(u > 0 ? vfloat{} : u, d, in(third)));
          d = before_prelu<true>(u, in(n.slope), d);
        }
        out(first, in(first) + d);
        out(second, fma(d, v - in(n.mean), in(second)));
      });
    }
  });
  sum_chunks(s.partial, cpu::chunks(n), K, n.c, s.sums);
}

// dx = k2 du + k3 (x - mean) + k4.
template <typename T, bool PRELU, bool STREAM>
void input_gradient(const Backend::BatchNorm& n, const void* dy, void* dx) {
  Scratch s(n);
  float* const* k = s.coefficient;
  parallel_row_chunks(n.rows, cpu::chunk_rows(n), true, [&](int64_t, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      auto x = static_cast<const T*>(n.x) + r * n.c;
      auto up = static_cast<const T*>(dy) + r * n.c;
      auto down = static_cast<T*>(dx) + r * n.c;
      channels<STREAM>(n.c, [&](auto in, auto out) {
        vfloat v = in(x), d = in(up);
        if (PRELU) d = before_prelu<true>(fma(v, in(k[0]), in(k[1])), in(n.slope), d);
        out(down, fma(d, in(k[2]), fma(v - in(n.mean), in(k[3]), in(k[4]))));
      });
    }
    if (STREAM) stream_end();
  });
}

}  // namespace

void batch_norm(const Backend::BatchNorm& n) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    if (n.training) {
      Scratch s(n);
      parallel_row_chunks(n.rows, cpu::chunk_rows(n), false,
                          [&](int64_t chunk, int64_t begin, int64_t end) { chunk_moments<T>(n, s.partial + 2 * chunk * n.c, begin, end); });
      fold_moments(n);
    } else {
      take_moments(n);
    }
    normalize<T>(n, n.training);
  });
}

void batch_norm_backward(const Backend::BatchNormBackward& o) {
  const Backend::BatchNorm& n = o.forward;
  Scratch s(n);
  for (int i = 0; i < n.c; i++) affine(n, i, s.coefficient[0], s.coefficient[1]);
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    by_flag(n.slope != nullptr, [&](auto prelu) {
      chunk_gradients<T, prelu()>(n, o.dy);
      for (int i = 0; i < n.c; i++) {
        double rstd = n.rstd[i], weight = n.gamma[i] * rstd, normal = s.sums[1][i] * rstd;
        if (o.dgamma) o.dgamma[i] = static_cast<float>(normal);
        if (o.dbeta) o.dbeta[i] = static_cast<float>(s.sums[0][i]);
        if (n.slope && o.dslope) o.dslope[i] = static_cast<float>(s.sums[2][i]);
        s.coefficient[2][i] = static_cast<float>(weight);
        s.coefficient[3][i] = static_cast<float>(-weight * rstd * normal / n.rows);
        s.coefficient[4][i] = static_cast<float>(-weight * s.sums[0][i] / n.rows);
      }
      if (o.dx) by_flag(past_caches<T>(n.rows * n.c, n.c, o.dx), [&](auto streams) { input_gradient<T, prelu(), streams()>(n, o.dy, o.dx); });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
