// Contextual partial dropout (context_dropout.h). A few thousand elements: bound by the launch.
#include "common/random.cuh"
#include "kernels/context_dropout/context_dropout.h"

namespace fizzy::cuda {
namespace {

struct DropMask {
  const int *rows, *random;
  int purpose, row_purpose;
  DropoutRange range;
  __device__ RowDropout row(int64_t b) const {
    if (range.whole_below == 0 && range.span == 0) return {false, range.below, range.scale};
    return range.row(row_words(rows, random, row_purpose, random[2], b, 0).w);
  }
  // The factor of elements i .. i+3 of row b.
  __device__ Floats<4> at(const RowDropout& drop, int64_t b, int64_t i) const {
    Words w = row_words(rows, random, purpose, random[2], b, i / 4);
    Floats<4> m;
#pragma unroll
    for (int k = 0; k < 4; k++) m[k] = static_cast<int>(w.w[k] >> 8) < drop.below ? 0.f : drop.scale;
    return m;
  }
};

template <typename T>
struct DropRows {
  DropMask mask;
  const T* context;
  const float* empty;
  T* y;
  int64_t width;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    RowDropout drop = mask.row(b);
    Floats<4> m = mask.at(drop, b, i), v = drop.whole ? load_quad(empty + i, count, whole) : load_quad(context + b * width + i, count, whole);
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] *= m[k];
    store_quad(y + b * width + i, v, count, whole);
  }
};

template <typename T>
struct DropRowsBackward {
  DropMask mask;
  const T* dy;
  T* dcontext;
  int64_t width;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    RowDropout drop = mask.row(b);
    Floats<4> m = mask.at(drop, b, i), g = load_quad(dy + b * width + i, count, whole);
#pragma unroll
    for (int k = 0; k < 4; k++) g[k] = drop.whole ? 0 : g[k] * m[k];
    store_quad(dcontext + b * width + i, g, count, whole);
  }
};

constexpr int EMPTY_BLOCK = 64;  // threads; batches are seldom larger

// dempty: a block takes four columns, a thread every 64th row; the threads' sums are added in a fixed order.
template <typename T>
__global__ void __launch_bounds__(EMPTY_BLOCK) empty_gradient_kernel(DropMask mask, const T* dy, float* dempty, int64_t batch, int64_t width) {
  __shared__ float part[32];
  int64_t i = int64_t{blockIdx.x} * 4;
  int count = static_cast<int>(width - i < 4 ? width - i : 4);
  Floats<4> sum{};
  for (int64_t b = threadIdx.x; b < batch; b += EMPTY_BLOCK) {
    RowDropout drop = mask.row(b);
    if (!drop.whole) continue;
    Floats<4> m = mask.at(drop, b, i), g = load_quad(dy + b * width + i, count, width % 4 == 0);
#pragma unroll
    for (int k = 0; k < 4; k++) sum[k] += m[k] * g[k];
  }
#pragma unroll
  for (int k = 0; k < 4; k++) sum[k] = block_sum(sum[k], part);
  if (threadIdx.x == 0) store_quad(dempty + i, sum, count, width % 4 == 0);
}

// For both directions.
template <typename Call>
DropMask drop_mask(const Call& o) {
  return {o.rows, o.random, o.purpose, o.row_purpose, dropout_range(o)};
}

}  // namespace

void context_dropout(const Backend::ContextDropout& o, void* stream) {
  DropMask mask = drop_mask(o);
  check_aligned("context_dropout", o.context, o.empty, o.y);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    over_rows("context_dropout", DropRows<T>{mask, static_cast<const T*>(o.context), o.empty, static_cast<T*>(o.y), o.width}, o.batch, o.width,
              stream);
  });
}

void context_dropout_backward(const Backend::ContextDropoutBackward& o, void* stream) {
  DropMask mask = drop_mask(o);
  check_aligned("context_dropout_backward", o.dy, o.dcontext, o.dempty);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto up = static_cast<const T*>(o.dy);
    if (o.dcontext)
      over_rows("context_dropout_backward", DropRowsBackward<T>{mask, up, static_cast<T*>(o.dcontext), o.width}, o.batch, o.width, stream);
    if (o.dempty)
      launch("context_dropout_backward", empty_gradient_kernel<T>, dim3(blocks(o.width, 4)), EMPTY_BLOCK, 0, stream, mask, up, o.dempty, o.batch,
             o.width);
  });
}

}  // namespace fizzy::cuda
