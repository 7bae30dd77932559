// Floor: memory. Forward reads x and writes y, backward reads x and dy and writes dx. Both make two passes over an image, and one thread
// takes a whole image, so that the second pass reads from the cache. In f32 SiLU's exponential overlaps with the loads; bf16 is bound by
// it. The last images, too few to give each thread one, are divided among the threads by chunks.
#include <cmath>

#include "common/bf16.h"
#include "common/channels.h"
#include "fizzy/cpu.h"
#include "kernels/group_norm/group_norm.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// The scratch of one image.
struct Scratch {
  double *first, *second;  // [C] sums over all pixels
  float* coefficient[6];   // [C] each
  float* partial;          // [chunks, 2, C]

  Scratch(const Backend::GroupNorm& n, int64_t image) {
    int64_t c = n.c;
    float* at = static_cast<float*>(n.scratch) + image * cpu::image_scratch(n);
    first = reinterpret_cast<double*>(at);
    second = first + c;
    for (int i = 0; i < 6; i++) coefficient[i] = at + (4 + i) * c;
    partial = at + 10 * c;
  }
};

// For every image: sums(image, chunk) for all chunks, fold(image), then map(image, chunk) for all chunks.
template <typename Sums, typename Fold, typename Map>
inline void two_passes(const Backend::GroupNorm& n, Sums sums, Fold fold, Map map) {
  int chunks = cpu::chunks(n);
  // How work is divided does not change the result, so it may depend on the number of threads.
  int64_t whole = chunks == 1 ? n.b : n.b / threads() * threads();
  parallel_for(whole, [&](int64_t image) {
    for (int k = 0; k < chunks; k++) sums(image, k);
    fold(image);
    // In reverse: the chunks read last are still in the cache.
    for (int k = chunks - 1; k >= 0; k--) map(image, k);
  });
  int64_t rest = n.b - whole;
  if (rest == 0) return;
  parallel_for(rest * chunks, [&](int64_t i) { sums(whole + i / chunks, i % chunks); });
  parallel_for(rest, [&](int64_t i) { fold(whole + i); });
  parallel_for(rest * chunks, [&](int64_t i) { map(whole + i / chunks, i % chunks); });
}

struct Pixels {
  int64_t begin, end;
  Pixels(const Backend::GroupNorm& n, int chunk) {
    int64_t size = cpu::chunk_pixels(n);
    begin = chunk * size;
    end = begin + size < n.p ? begin + size : n.p;
  }
};

// Calls rows(first pixel, count) over a chunk. In bf16 four pixels at a time, whose SiLUs share divisions; in f32 memory is the bound, and
// reading one pixel at a time is sequential.
template <typename T, typename Rows>
void by_rows(const Pixels& pixels, Rows rows) {
  constexpr int N = sizeof(T) == 2 ? 4 : 1;
  int64_t p = pixels.begin;
  for (; p + N <= pixels.end; p += N) rows(p, std::integral_constant<int, N>{});
  for (; p < pixels.end; p++) rows(p, std::integral_constant<int, 1>{});
}

// Mean of each channel over a chunk and the sum of squared deviations from it, in two passes. The first sums differences from the chunk's
// first pixel, so a large mean cancels nothing.
template <typename T>
void chunk_moments(const Backend::GroupNorm& n, int64_t image, int chunk) {
  int c = n.c;
  Pixels pixels(n, chunk);
  auto x = static_cast<const T*>(n.x) + (image * n.p + pixels.begin) * c;
  int64_t count = pixels.end - pixels.begin;
  float* mean = Scratch(n, image).partial + int64_t{2} * chunk * c;
  float* squares = mean + c;
  std::memset(mean, 0, 2 * c * sizeof(float));
  int64_t p = 0;
  for (; p + 2 <= count; p += 2)
    channels(c, [&](auto in, auto out) {
      vfloat origin = in(x);
      out(mean, in(mean) + ((in(x + p * c) - origin) + (in(x + (p + 1) * c) - origin)));
    });
  for (; p < count; p++) channels(c, [&](auto in, auto out) { out(mean, in(mean) + (in(x + p * c) - in(x))); });
  channels(c, [&](auto in, auto out) { out(mean, fma(in(mean), splat(1.f / count), in(x))); });
  auto square = [](vfloat d) { return d * d; };
  for (p = 0; p + 2 <= count; p += 2)
    channels(c, [&](auto in, auto out) {
      vfloat m = in(mean);
      out(squares, in(squares) + (square(in(x + p * c) - m) + square(in(x + (p + 1) * c) - m)));
    });
  for (; p < count; p++) channels(c, [&](auto in, auto out) { out(squares, in(squares) + square(in(x + p * c) - in(mean))); });
}

// The same for bf16, whose loads cost as much as the sums: in one pass, the squares too are of differences from the first pixel. That pixel
// belongs to the chunk, so it lies within sqrt(count) standard deviations of the mean (Samuelson 1968), which bounds the cancellation.
template <>
void chunk_moments<bf16>(const Backend::GroupNorm& n, int64_t image, int chunk) {
  int c = n.c;
  Pixels pixels(n, chunk);
  auto x = static_cast<const bf16*>(n.x) + (image * n.p + pixels.begin) * c;
  int64_t count = pixels.end - pixels.begin;
  float* mean = Scratch(n, image).partial + int64_t{2} * chunk * c;
  float* squares = mean + c;
  std::memset(mean, 0, 2 * c * sizeof(float));
  int64_t p = 0;
  for (; p + 4 <= count; p += 4)
    channels(c, [&](auto in, auto out) {
      auto row = x + p * c;
      vfloat origin = in(x), d0 = in(row)-origin, d1 = in(row + c) - origin, d2 = in(row + 2 * c) - origin, d3 = in(row + 3 * c) - origin;
      out(mean, in(mean) + ((d0 + d1) + (d2 + d3)));
      out(squares, in(squares) + (fma(d0, d0, d1 * d1) + fma(d2, d2, d3 * d3)));
    });
  for (; p < count; p++)
    channels(c, [&](auto in, auto out) {
      vfloat v = in(x + p * c), d = v - in(x);
      out(mean, in(mean) + d);
      out(squares, fma(d, d, in(squares)));
    });
  channels(c, [&](auto in, auto out) {
    vfloat sum = in(mean), share = sum * (1.f / count);
    out(squares, max(fma(sum, -share, in(squares)), vfloat{}));
    out(mean, share + in(x));
  });
}

template <typename T>
double scale_of(const Backend::GroupNorm& n, int64_t image, int c) {
  return n.scale ? to_float(static_cast<const T*>(n.scale)[scale_row(n, image) + c]) : 0;
}
template <typename T>
double shift_of(const Backend::GroupNorm& n, int64_t image, int c) {
  return n.shift ? to_float(static_cast<const T*>(n.shift)[scale_row(n, image) + c]) : 0;
}

// u = a x + b. The offset is computed with the rounded slope, so that a large mean cancels exactly.
template <typename T>
void affine(const Backend::GroupNorm& n, int64_t image, int c, double mean, double rstd, float* a, float* b) {
  double factor = 1 + scale_of<T>(n, image, c);
  a[c] = n.gamma[c] * rstd * factor;
  b[c] = n.beta[c] * factor + shift_of<T>(n, image, c) - a[c] * mean;
}

// Combines the moments of chunks into moments of channels, and those into moments of groups (Chan et al. 1979), all in double.
template <typename T>
void fold_moments(const Backend::GroupNorm& n, int64_t image) {
  Scratch s(n, image);
  int chunks = cpu::chunks(n), width = n.c / n.g;
  double *mean = s.first, *squares = s.second;
  std::memset(mean, 0, 2 * n.c * sizeof(double));
  for (int k = 0; k < chunks; k++) {
    Pixels pixels(n, k);
    const float* chunk = s.partial + int64_t{2} * k * n.c;
    double share = static_cast<double>(pixels.end - pixels.begin) / n.p;
    for (int c = 0; c < n.c; c++) mean[c] += share * chunk[c];
  }
  for (int k = 0; k < chunks; k++) {
    Pixels pixels(n, k);
    const float* chunk = s.partial + int64_t{2} * k * n.c;
    double count = pixels.end - pixels.begin;
    for (int c = 0; c < n.c; c++) squares[c] += chunk[n.c + c] + count * (chunk[c] - mean[c]) * (chunk[c] - mean[c]);
  }
  for (int g = 0; g < n.g; g++) {
    double group_mean = 0, group_squares = 0;
    for (int c = g * width; c < (g + 1) * width; c++) group_mean += mean[c] / width;
    for (int c = g * width; c < (g + 1) * width; c++) group_squares += squares[c] + n.p * (mean[c] - group_mean) * (mean[c] - group_mean);
    double rstd = 1 / std::sqrt(group_squares / (static_cast<double>(n.p) * width) + n.eps);
    n.mean[image * n.g + g] = group_mean;
    n.rstd[image * n.g + g] = rstd;
    for (int c = g * width; c < (g + 1) * width; c++) affine<T>(n, image, c, group_mean, rstd, s.coefficient[0], s.coefficient[1]);
  }
}

template <typename T, bool SILU, bool STREAM>
void normalize(const Backend::GroupNorm& n, int64_t image, int chunk) {
  Scratch s(n, image);
  const float *a = s.coefficient[0], *b = s.coefficient[1];
  Pixels pixels(n, chunk);
  auto rows = [&](int64_t p, auto count) {
    constexpr int N = count();
    auto x = static_cast<const T*>(n.x) + (image * n.p + p) * n.c;
    auto out_row = static_cast<T*>(n.y) + (image * n.p + p) * n.c;
    channels<STREAM>(n.c, [&](auto in, auto out) {
      vfloat slope = in(a), offset = in(b), u[N];
      for (int i = 0; i < N; i++) u[i] = fma(in(x + i * n.c), slope, offset);
      if (SILU) silu<T>(u);
      for (int i = 0; i < N; i++) out(out_row + i * n.c, u[i]);
    });
  };
  by_rows<T>(pixels, rows);
  if (STREAM) stream_end();
}

// SiLU'(u), from the sigmoid of u.
inline vfloat silu_derivative(vfloat u, vfloat s) { return s * fma(u, 1.f - s, splat(1)); }

// For backward: a and b of u = a x + b, and each channel's mean.
template <typename T>
void prepare(const Backend::GroupNorm& n, int64_t image) {
  Scratch s(n, image);
  int width = n.c / n.g;
  for (int c = 0; c < n.c; c++) {
    double mean = n.mean[image * n.g + c / width], rstd = n.rstd[image * n.g + c / width];
    affine<T>(n, image, c, mean, rstd, s.coefficient[0], s.coefficient[1]);
    s.coefficient[2][c] = mean;
  }
}

// Sums of du and of du (x - mean) over a chunk. du is stored in dx, if there is a dx, so that the exponential is computed only once.
template <typename T, bool SILU>
void chunk_gradients(const Backend::GroupNorm& n, const void* dy, void* dx, int64_t image, int chunk) {
  Scratch s(n, image);
  const float *a = s.coefficient[0], *b = s.coefficient[1], *mean = s.coefficient[2];
  float* first = s.partial + int64_t{2} * chunk * n.c;
  float* second = first + n.c;
  std::memset(first, 0, 2 * n.c * sizeof(float));
  Pixels pixels(n, chunk);
  auto rows = [&](int64_t p, auto count) {
    constexpr int N = count();
    auto x = static_cast<const T*>(n.x) + (image * n.p + p) * n.c;
    auto up = static_cast<const T*>(dy) + (image * n.p + p) * n.c;
    auto down = static_cast<T*>(dx) + (image * n.p + p) * n.c;
    channels(n.c, [&](auto in, auto out) {
      vfloat slope = in(a), offset = in(b), center = in(mean), v[N], du[N];
      for (int i = 0; i < N; i++) v[i] = in(x + i * n.c), du[i] = in(up + i * n.c);
      if (SILU) {
        vfloat u[N], s[N];
        for (int i = 0; i < N; i++) u[i] = fma(v[i], slope, offset);
        sigmoids<T>(u, s);
        for (int i = 0; i < N; i++) du[i] *= silu_derivative(u[i], s[i]);
        for (int i = 0; dx && i < N; i++) out(down + i * n.c, du[i]);
      }
      vfloat sum = in(first), product = in(second);
      for (int i = 0; i < N; i++) sum += du[i], product = fma(du[i], v[i] - center, product);
      out(first, sum);
      out(second, product);
    });
  };
  by_rows<T>(pixels, rows);
}

// Sums over the image of du and du x_hat, and from them dx = a1 du + a2 (x - mean) + a3.
template <typename T>
void fold_gradients(const Backend::GroupNorm& n, int64_t image) {
  Scratch s(n, image);
  int chunks = cpu::chunks(n), width = n.c / n.g;
  std::memset(s.first, 0, 2 * n.c * sizeof(double));
  for (int k = 0; k < chunks; k++) {
    const float* chunk = s.partial + int64_t{2} * k * n.c;
    for (int c = 0; c < 2 * n.c; c++) s.first[c] += chunk[c];  // in both, second follows first
  }
  for (int g = 0; g < n.g; g++) {
    double rstd = n.rstd[image * n.g + g], count = static_cast<double>(n.p) * width, m1 = 0, m2 = 0;
    for (int c = g * width; c < (g + 1) * width; c++) {
      double weight = n.gamma[c] * (1 + scale_of<T>(n, image, c));
      s.second[c] *= rstd;
      m1 += weight * s.first[c] / count;
      m2 += weight * s.second[c] / count;
      s.coefficient[3][c] = rstd * weight;
    }
    for (int c = g * width; c < (g + 1) * width; c++) {
      s.coefficient[4][c] = -rstd * rstd * m2;
      s.coefficient[5][c] = -rstd * m1;
    }
  }
}

// du is dy without an activation; otherwise chunk_gradients has stored it in dx.
template <typename T, bool STREAM>
void input_gradient(const Backend::GroupNorm& n, const void* du, void* dx, int64_t image, int chunk) {
  Scratch s(n, image);
  float* const* k = s.coefficient;
  Pixels pixels(n, chunk);
  for (int64_t p = pixels.begin; p < pixels.end; p++) {
    auto x = static_cast<const T*>(n.x) + (image * n.p + p) * n.c;
    auto up = static_cast<const T*>(du) + (image * n.p + p) * n.c;
    auto down = static_cast<T*>(dx) + (image * n.p + p) * n.c;
    channels<STREAM>(n.c, [&](auto in, auto out) {
      vfloat v = in(x), centered = v - in(k[2]);
      out(down, fma(in(up), in(k[3]), fma(centered, in(k[4]), in(k[5]))));
    });
  }
  if (STREAM) stream_end();
}

// Gradients of gamma, beta, scale and shift from the sums of each image, added in the order of the batch.
template <typename T>
void parameter_gradients(const Backend::GroupNorm& n, float* dgamma, float* dbeta, void* dscale, void* dshift) {
  parallel_chunks(n.c, 256, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; c++) {
      double gamma = 0, beta = 0, scale = 0, shift = 0;
      for (int64_t image = 0; image < n.b; image++) {
        Scratch s(n, image);
        double factor = 1 + scale_of<T>(n, image, c);
        gamma += factor * s.second[c];
        beta += factor * s.first[c];
        bool own = n.scale_rows != 1;
        scale = (own ? 0 : scale) + n.gamma[c] * s.second[c] + n.beta[c] * s.first[c];
        shift = (own ? 0 : shift) + s.first[c];
        if (own || image == n.b - 1) {
          if (dscale) static_cast<T*>(dscale)[scale_row(n, image) + c] = from_float<T>(scale);
          if (dshift) static_cast<T*>(dshift)[scale_row(n, image) + c] = from_float<T>(shift);
        }
      }
      if (dgamma) dgamma[c] = gamma;
      if (dbeta) dbeta[c] = beta;
    }
  });
}

}  // namespace

void group_norm(const Backend::GroupNorm& n) {
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    by_flag(n.silu, [&](auto silu) {
      by_flag(past_caches<T>(int64_t{n.b} * n.p * n.c, n.c, n.y), [&](auto stream) {
        two_passes(n, [&](int64_t image, int chunk) { chunk_moments<T>(n, image, chunk); }, [&](int64_t image) { fold_moments<T>(n, image); },
                   [&](int64_t image, int chunk) { normalize<T, silu(), stream()>(n, image, chunk); });
      });
    });
  });
}

void group_norm_backward(const Backend::GroupNormBackward& o) {
  const Backend::GroupNorm& n = o.forward;
  by_type(n.type, [&](auto t) {
    using T = decltype(t);
    by_flag(n.silu, [&](auto silu) {
      by_flag(!n.silu && past_caches<T>(int64_t{n.b} * n.p * n.c, n.c, o.dx), [&](auto stream) {
        parallel_for(n.b, [&](int64_t image) { prepare<T>(n, image); });
        two_passes(n, [&](int64_t image, int chunk) { chunk_gradients<T, silu()>(n, o.dy, o.dx, image, chunk); },
                   [&](int64_t image) { fold_gradients<T>(n, image); }, [&](int64_t image, int chunk) {
          if (o.dx) input_gradient<T, stream()>(n, silu() ? o.dx : o.dy, o.dx, image, chunk);
        });
      });
    });
    if (o.dgamma || o.dbeta || o.dscale || o.dshift) parameter_gradients<T>(n, o.dgamma, o.dbeta, o.dscale, o.dshift);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
