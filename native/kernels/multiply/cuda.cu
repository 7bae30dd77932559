// A thread takes a vector of channels. Floor: three accesses an element over bandwidth, backward five; with one factor an image, two and
// three.
#include "kernels/multiply/multiply.h"
#include "kernels/prelu/columns.cuh"

namespace fizzy::cuda {
namespace {

template <typename T, int WIDTH>
struct Products {
  const T *a, *b;
  T* y;
  int64_t c, image;  // image: elements of a that share a row of b, 0 where none do
  template <int>
  __device__ void at(int64_t unit) const {
    int64_t i = unit * WIDTH, k = image == 0 ? i : i / image * c + i % c;
    auto left = load<WIDTH>(a + i), right = load<WIDTH>(b + k);
#pragma unroll
    for (int e = 0; e < WIDTH; e++) left[e] *= right[e];
    store(y + i, left);
  }
};

// The gradient of a factor of one pixel: a block sums the pixels of an image for 32 vectors of channels, always in one order.
template <typename T, int WIDTH>
__global__ void __launch_bounds__(BLOCK) pixel_sum_kernel(const T* a, const T* dy, T* db, int p, int c) {
  __shared__ float part[COLUMN_BANDS][COLUMN_LANES * WIDTH];
  int lane = static_cast<int>(threadIdx.x) % COLUMN_LANES, row = static_cast<int>(threadIdx.x) / COLUMN_LANES;
  int channel = (static_cast<int>(blockIdx.x) * COLUMN_LANES + lane) * WIDTH;
  bool there = channel < c;
  Floats<WIDTH> sum{};
  int64_t first = int64_t{blockIdx.y} * p * c + channel;
#pragma unroll 1
  for (int r = row; there && r < p; r += COLUMN_BANDS) {
    auto left = load<WIDTH>(a + first + int64_t{r} * c), right = load<WIDTH>(dy + first + int64_t{r} * c);
#pragma unroll
    for (int e = 0; e < WIDTH; e++) sum[e] = fmaf(left[e], right[e], sum[e]);
  }
#pragma unroll
  for (int e = 0; e < WIDTH; e++) part[row][e * COLUMN_LANES + lane] = sum[e];
  __syncthreads();
  if (row > 0 || !there) return;
#pragma unroll 1
  for (int k = 1; k < COLUMN_BANDS; k++)
#pragma unroll
    for (int e = 0; e < WIDTH; e++) sum[e] += part[k][e * COLUMN_LANES + lane];
  store(db + int64_t{blockIdx.y} * c + channel, sum);
}

void products(const char* name, const Backend::Multiply& o, const void* a, const void* b, void* y, void* stream) {
  by_columns(o.type, o.c, [&](auto t, auto width) {
    using T = decltype(t);
    constexpr int WIDTH = decltype(width)::value;
    pointwise<1>(name,
                 Products<T, WIDTH>{static_cast<const T*>(a), static_cast<const T*>(b), static_cast<T*>(y), o.c, o.q == o.p ? 0 : o.p * o.c},
                 o.batch * o.p * o.c / WIDTH, stream);
  });
}

}  // namespace

void multiply(const Backend::Multiply& o, void* stream) {
  check_aligned("multiply", o.a, o.b, o.y);
  products("multiply", o, o.a, o.b, o.y, stream);
}

void multiply_backward(const Backend::MultiplyBackward& call, void* stream) {
  const auto& o = call.forward;
  const char* name = "multiply_backward";
  check_aligned(name, o.a, o.b, call.dy, call.da, call.db);
  if (call.da) products(name, o, call.dy, o.b, call.da, stream);
  if (!call.db) return;
  if (o.q == o.p) return products(name, o, call.dy, o.a, call.db, stream);
  by_columns(o.type, o.c, [&](auto t, auto width) {
    using T = decltype(t);
    constexpr int WIDTH = decltype(width)::value;
    launch(name, pixel_sum_kernel<T, WIDTH>, dim3(blocks(o.c, COLUMN_LANES * WIDTH), blocks(o.batch, 1)), BLOCK, 0, stream,
           static_cast<const T*>(o.a), static_cast<const T*>(call.dy), static_cast<T*>(call.db), static_cast<int>(o.p), o.c);
  });
}

}  // namespace fizzy::cuda
