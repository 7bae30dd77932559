// Group norm of NHWC (group_norm.h). A block takes all pixels of a tile of channels of one image (a slice); each thread computes one vector
// of channels, whose coefficients stay in registers. A slice that fits into shared memory, forward of a cluster of blocks, is read once;
// otherwise a first launch sums chunks of pixels, and a second one reads them again. The order of the sums is fixed. Floor: one read and
// one write an element over bandwidth, backward two reads and one write.
#include "common/choice.h"
#include "kernels/group_norm/backward.cuh"
#include "kernels/group_norm/forward.cuh"
#include "kernels/group_norm/group_norm.h"

namespace fizzy::cuda {
namespace {

// Calls body(T{}, W as an integral constant): vectors of 16 bytes, or single elements if the channels do not fill whole vectors.
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

// Shared memory holds `arrays` slices if they fit: x, in backward also dy.
template <typename T, int W>
Norm<T> norm_of(const Backend::GroupNorm& n, int arrays) {
  int tile = norm_tile(n.b, n.c, n.g, W, sizeof(T), n.p, arrays), chunks = norm_chunks(n.p);
  auto partial = static_cast<float*>(n.scratch);
  return {static_cast<const T*>(n.x),
          n.gamma,
          n.beta,
          static_cast<const T*>(n.scale),
          static_cast<const T*>(n.shift),
          n.scale_rows,
          n.row,
          n.mean,
          n.rstd,
          n.p,
          n.c,
          n.g,
          n.c / n.g,
          tile,
          chunks,
          n.silu,
          n.eps,
          1. / (double(n.p) * (n.c / n.g)),
          partial,
          partial + int64_t{n.b} * chunks * 2 * n.c};
}

template <typename T>
int64_t slice_bytes(const Norm<T>& n, int arrays) {
  return int64_t{n.p} * n.tile * static_cast<int64_t>(sizeof(T)) * arrays;
}

template <int ARRAYS>
const char* no_slices(const Backend::GroupNorm& n) {
  bool fit = false;
  by_vectors("group_norm", n.type, n.c, n.g,
             [&](auto t, auto w) { fit = slice_bytes(norm_of<decltype(t), decltype(w)::value>(n, ARRAYS), ARRAYS) <= SLICE_BYTES; });
  return fit ? nullptr : "an image's channels do not fit into shared memory";
}

const char* no_clusters(const Backend::GroupNorm& n) {
  const char* reason = nullptr;
  by_vectors("group_norm", n.type, n.c, n.g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    const bool has = has_clusters(norm_cluster_kernel<T, W>);
    if (!has) reason = "none on this GPU";
    else if (norm_cluster(n.c, n.g, W, sizeof(T), n.p).blocks == 0) reason = "an image's channels do not fit into eight blocks";
  });
  return reason;
}

const Implementation<Backend::GroupNorm> WAYS[] = {
    {"slices in shared memory", no_slices<1>}, {"slices in clusters", no_clusters}, {"two reads", nullptr}};
const Implementation<Backend::GroupNorm> BACKWARD_WAYS[] = {{"slices in shared memory", no_slices<2>}, {"two reads", nullptr}};

}  // namespace

int64_t scratch_bytes(const Backend::GroupNorm& n) { return int64_t{n.b} * (norm_chunks(n.p) + 1) * 2 * n.c * int64_t{sizeof(float)}; }
int64_t scratch_bytes(const Backend::GroupNormBackward& o) { return scratch_bytes(o.forward); }

std::string implementation(const Backend::GroupNorm& n) { return describe(WAYS, n); }
std::string implementation(const Backend::GroupNormBackward& o) { return describe(BACKWARD_WAYS, o.forward); }

void group_norm(const Backend::GroupNorm& o, void* stream) {
  const char* name = "group_norm";
  check(o.b <= 65535, name, ": batch ", o.b, " is above 65535");
  check_aligned(name, o.x, o.y, o.scratch);
  by_vectors(name, o.type, o.c, o.g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    Norm<T> n = norm_of<T, W>(o, 1);
    auto out = static_cast<T*>(o.y);
    int way = choose(WAYS, o);
    if (way == 1) {
      auto [tile, blocks] = norm_cluster(o.c, o.g, W, sizeof(T), o.p);
      n.tile = tile, n.chunks = blocks;
    }
    unsigned tiles = n.c / n.tile, chunks = n.chunks, images = o.b;
    size_t sums = NormShared<W, T>::bytes(n.tile, 1, 0);
    if (way == 0) return launch(name, norm_slice_kernel<T, W>, dim3(tiles, 1, images), BLOCK, sums + slice_bytes(n, 1), stream, n, out);
    if (way == 1) {
      size_t chunk = size_t{(o.p + chunks - 1) / chunks} * n.tile * sizeof(T);
      return launch_clusters(name, norm_cluster_kernel<T, W>, dim3(tiles, chunks, images), n.chunks, BLOCK, sums + chunk, stream, n, out);
    }
    launch(name, norm_moments_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, sums, stream, n);
    launch(name, norm_apply_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, NormShared<W, T>::bytes(n.tile, 0, 0), stream, n, out);
  });
}

void group_norm_backward(const Backend::GroupNormBackward& o, void* stream) {
  const char* name = "group_norm_backward";
  const Backend::GroupNorm& f = o.forward;
  check(f.b <= 65535, name, ": batch ", f.b, " is above 65535");
  check_aligned(name, f.x, o.dy, o.dx, f.scratch);
  by_vectors(name, f.type, f.c, f.g, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    Norm<T> n = norm_of<T, W>(f, 2);
    auto up = static_cast<const T*>(o.dy);
    auto down = static_cast<T*>(o.dx);
    unsigned tiles = n.c / n.tile, chunks = n.chunks, images = f.b;
    size_t sums = NormShared<W, T>::bytes(2 * n.tile, 2, 0);
    if (choose(BACKWARD_WAYS, f) == 0) {
      launch(name, norm_slice_backward_kernel<T, W>, dim3(tiles, 1, images), BLOCK, sums + slice_bytes(n, 2), stream, n, up, down);
    } else {
      launch(name, norm_gradient_sums_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, sums, stream, n, up);
      launch(name, norm_apply_backward_kernel<T, W>, dim3(tiles, chunks, images), BLOCK, NormShared<W, T>::bytes(2 * n.tile, 0, 0), stream, n,
             up, down);
    }
    if (o.dgamma || o.dbeta || o.dscale || o.dshift)
      launch(name, norm_parameters_kernel<T>, dim3(blocks(n.c, 32)), BLOCK, 0, stream, n, f.b, o.dgamma, o.dbeta, static_cast<T*>(o.dscale),
             static_cast<T*>(o.dshift));
  });
}

}  // namespace fizzy::cuda
