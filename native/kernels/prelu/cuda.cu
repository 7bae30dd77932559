// PReLU (prelu.h). Floor: one read and one write an element over bandwidth, backward two reads and one write.
#include "kernels/prelu/columns.cuh"

namespace fizzy::cuda {
namespace {

template <typename T, int WIDTH>
struct PreluValues {
  Backend::PRelu o;
  template <int>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH;
    Floats<WIDTH> v = load<WIDTH>(static_cast<const T*>(o.x) + i), s = load<WIDTH>(o.slope + i % o.c);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) v[k] = v[k] > 0 ? v[k] : v[k] * s[k];
    store(static_cast<T*>(o.y) + i, v);
  }
};

// dx if it is not null, and this chunk's part of dslope.
template <typename T, int W>
__global__ void __launch_bounds__(BLOCK)
    prelu_backward_kernel(const T* x, const float* slope, const T* dy, T* dx, float* partial, int64_t rows, int c, int64_t chunk) {
  __shared__ float sums[COLUMN_BANDS][COLUMN_LANES * W];
  ColumnPart<W> at(rows, c, chunk);
  Floats<W> sum{}, s{};
  if (at.there) {
    s = load<W>(slope + at.column);
    for (int64_t r = at.first + at.band; r < at.end; r += COLUMN_BANDS) {
      Floats<W> v = load<W>(x + r * c + at.column), up = load<W>(dy + r * c + at.column);
#pragma unroll
      for (int k = 0; k < W; k++) {
        if (!(v[k] > 0)) sum[k] = fmaf(v[k], up[k], sum[k]), up[k] *= s[k];
      }
      if (dx) store_whole(dx + r * c + at.column, pack<T>(up));
    }
  }
  sum_bands(sum, sums, at);
  if (at.band == 0 && at.there) store(partial + blockIdx.y * int64_t{c} + at.column, sum);
}

struct SlopeSum {
  const float* partial;
  float* dslope;
  int64_t chunks, c;
  template <int>
  __device__ void at(int64_t i) const {
    double sum = 0;
    for (int64_t k = 0; k < chunks; k++) sum += partial[k * c + i];
    dslope[i] = static_cast<float>(sum);
  }
};

}  // namespace

int64_t scratch_bytes(const Backend::PReluBackward& o) { return row_chunks(o.rows) * o.c * int64_t{sizeof(float)}; }

void prelu(const Backend::PRelu& o, void* stream) {
  check_aligned("prelu", o.x, o.slope, o.y);
  by_columns(o.type, o.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    pointwise<1>("prelu", PreluValues<T, W>{o}, o.rows * o.c / W, stream);
  });
}

void prelu_backward(const Backend::PReluBackward& o, void* stream) {
  check_aligned("prelu_backward", o.x, o.slope, o.dy, o.dx, o.scratch);
  auto partial = static_cast<float*>(o.scratch);
  by_columns(o.type, o.c, [&](auto t, auto w) {
    using T = decltype(t);
    constexpr int W = decltype(w)::value;
    launch("prelu_backward", prelu_backward_kernel<T, W>, column_grid<T, W>(o.rows, o.c), BLOCK, 0, stream, static_cast<const T*>(o.x), o.slope,
           static_cast<const T*>(o.dy), static_cast<T*>(o.dx), partial, o.rows, o.c, chunk_rows(o.rows));
  });
  if (o.dslope) pointwise<1>("prelu_backward", SlopeSum{partial, o.dslope, row_chunks(o.rows), o.c}, o.c, stream);
}

}  // namespace fizzy::cuda
