// Group norm of NHWC (group_norm.h). A block takes the pixels of a tile of channels of one image; each thread keeps to one vector of
// channels, whose coefficients stay in registers. Where the slice fits into shared memory it is read once; else sums over chunks of
// pixels come first, and a second launch reads again, mostly from level 2. Sums are taken in one order.
// Floor: one read and one write an element over bandwidth, backward two reads and one write.
#include "kernels/group_norm/backward.cuh"
#include "kernels/group_norm/forward.cuh"

namespace fizzy::cuda {
namespace {

void check_norm(const char* name, int type, const void* scale, const void* shift, int scale_rows, int b, int p, int c, int g) {
  check_type(name, type);
  check(b > 0 && b <= 65535 && p > 0 && g > 0 && c > 0 && c % g == 0, name, ": [", b, ",", p, ",", c, "] in ", g, " groups");
  check((scale == nullptr) == (shift == nullptr), name, ": scale and shift come together or not at all");
  check(scale == nullptr || scale_rows == 1 || scale_rows == b, name, ": ", scale_rows, " rows of scale for a batch of ", b);
}

// body(T{}, integral constant of W): vectors of 16 bytes, or single elements where the channels do not fill them.
template <typename Body>
void by_vectors(const char* name, int type, int c, int g, Body body) {
  by_type(type, [&](auto t) {
    constexpr int WIDE = VECTOR<decltype(t)>;
    int w = c % WIDE == 0 ? WIDE : 1;
    check(std::lcm(c / g, w) / w <= BLOCK, name, ": groups of ", c / g, " channels are too wide");
    if (w == WIDE) body(t, std::integral_constant<int, WIDE>{});
    else body(t, std::integral_constant<int, 1>{});
  });
}

template <typename T, int W>
Norm<T> norm_of(const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, float* mean,
                float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch, int arrays) {
  int tile = norm_tile(b, c, g, W, sizeof(T), p, arrays), chunks = norm_chunks(p);
  auto partial = static_cast<float*>(scratch);
  return {static_cast<const T*>(x),
          gamma,
          beta,
          static_cast<const T*>(scale),
          static_cast<const T*>(shift),
          scale_rows,
          mean,
          rstd,
          p,
          c,
          g,
          c / g,
          tile,
          chunks,
          silu,
          eps,
          1. / (double(p) * (c / g)),
          partial,
          partial + int64_t{b} * chunks * 2 * c};
}

template <typename T>
int64_t slice_bytes(const Norm<T>& n, int arrays) {
  return int64_t{n.p} * n.tile * static_cast<int64_t>(sizeof(T)) * arrays;
}

}  // namespace

int64_t group_norm_scratch(int b, int p, int c) { return int64_t{b} * (norm_chunks(p) + 1) * 2 * c * int64_t{sizeof(float)}; }

void group_norm(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, void* y,
                float* mean, float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch, void* stream) {
  const char* name = "group_norm";
  Range range(name);
  check_norm(name, type, scale, shift, scale_rows, b, p, c, g);
  check_aligned(name, x, y, scratch);
  by_vectors(name, type, c, g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    Norm<T> n = norm_of<T, W>(x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, eps, silu, scratch, 1);
    auto out = static_cast<T*>(y);
    unsigned tiles = c / n.tile, chunks = n.chunks, images = b;
    size_t sums = NormShared<W, T>::bytes(n.tile, 1, 0);
    if (slice_bytes(n, 1) <= SLICE_BYTES)
      return launch(name, norm_slice_kernel<T, W>, dim3(tiles, 1, images), BLOCK, sums + slice_bytes(n, 1), stream, n, out);
    launch(name, norm_moments_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, sums, stream, n);
    launch(name, norm_apply_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, NormShared<W, T>::bytes(n.tile, 0, 0), stream, n, out);
  });
}

void group_norm_backward(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows,
                         float* mean, float* rstd, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift, int b,
                         int p, int c, int g, int silu, void* scratch, void* stream) {
  const char* name = "group_norm_backward";
  Range range(name);
  check_norm(name, type, scale, shift, scale_rows, b, p, c, g);
  check_aligned(name, x, dy, dx, scratch);
  by_vectors(name, type, c, g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    Norm<T> n = norm_of<T, W>(x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, 0, silu, scratch, 2);
    auto up = static_cast<const T*>(dy);
    auto down = static_cast<T*>(dx);
    unsigned tiles = c / n.tile, chunks = n.chunks, images = b;
    size_t sums = NormShared<W, T>::bytes(2 * n.tile, 2, 0);
    if (slice_bytes(n, 2) <= SLICE_BYTES) {
      launch(name, norm_slice_backward_kernel<T, W>, dim3(tiles, 1, images), BLOCK, sums + slice_bytes(n, 2), stream, n, up, down);
    } else {
      launch(name, norm_gradient_sums_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, sums, stream, n, up);
      launch(name, norm_apply_backward_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, NormShared<W, T>::bytes(2 * n.tile, 0, 0), stream, n,
             up, down);
    }
    if (dgamma || dbeta || dscale || dshift)
      launch(name, norm_parameters_kernel<T>, dim3(blocks(c, 32)), BLOCK, 0, stream, n, b, dgamma, dbeta, static_cast<T*>(dscale),
             static_cast<T*>(dshift));
  });
}

}  // namespace fizzy::cuda
