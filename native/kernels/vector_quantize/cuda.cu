// Nearest codes (vector_quantize.h: distances in f32 and in a fixed order, the lowest index among equals, as on the CPU). A warp searches
// for four positions; its lanes take the codes, which are read from the caches. Floor: 3 E operations per position and code, 75 MFLOP an
// image.
#include "common/cuda.cuh"
#include "kernels/vector_quantize/vector_quantize.h"

namespace fizzy::cuda {
namespace {

constexpr int SEARCH_TOGETHER = 4;                              // positions per warp: each code is read once for four positions
constexpr int SEARCH_POSITIONS = BLOCK / 32 * SEARCH_TOGETHER;  // of a block

int64_t search_blocks(int64_t positions) { return (positions + SEARCH_POSITIONS - 1) / SEARCH_POSITIONS; }

template <typename T>
__global__ void __launch_bounds__(BLOCK) nearest_code_kernel(const T* z, const float* codebook, T* quantized, int32_t* indices, double* partial,
                                                             int64_t positions, int codes, int width) {
  __shared__ float vectors[BLOCK / 32][SEARCH_TOGETHER][QUANTIZE_WIDTH_MAX];
  __shared__ double part[32];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int64_t first = int64_t{blockIdx.x} * SEARCH_POSITIONS + warp * SEARCH_TOGETHER;
  for (int p = 0; p < SEARCH_TOGETHER; p++)
    for (int e = lane; e < width; e += 32) vectors[warp][p][e] = first + p < positions ? widen(z[(first + p) * width + e]) : 0.f;
  __syncwarp();
  float best[SEARCH_TOGETHER];
  int where[SEARCH_TOGETHER];
#pragma unroll
  for (int p = 0; p < SEARCH_TOGETHER; p++) best[p] = __uint_as_float(0x7f800000u), where[p] = lane;
  for (int n = lane; n < codes; n += 32) {
    float distance[SEARCH_TOGETHER] = {};
    for (int e = 0; e < width; e++) {
      float code = codebook[int64_t{n} * width + e];
#pragma unroll
      for (int p = 0; p < SEARCH_TOGETHER; p++) {
        float d = vectors[warp][p][e] - code;
        distance[p] = fmaf(d, d, distance[p]);
      }
    }
#pragma unroll
    for (int p = 0; p < SEARCH_TOGETHER; p++)
      if (distance[p] < best[p]) best[p] = distance[p], where[p] = n;
  }
  double sum = 0;
#pragma unroll
  for (int p = 0; p < SEARCH_TOGETHER; p++) {
#pragma unroll
    for (int bits = 16; bits > 0; bits /= 2) {
      float other = __shfl_xor_sync(WARP, best[p], bits);
      int index = __shfl_xor_sync(WARP, where[p], bits);
      if (other < best[p] || (other == best[p] && index < where[p])) best[p] = other, where[p] = index;
    }
    if (first + p >= positions) continue;
    if (lane == 0) indices[first + p] = where[p];
    for (int e = lane; e < width; e += 32) {
      float code = codebook[int64_t{where[p]} * width + e];
      quantized[(first + p) * width + e] = narrow<T>(code);
      double d = static_cast<double>(vectors[warp][p][e]) - code;
      sum += d * d;
    }
  }
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(BLOCK) quantize_loss_kernel(const double* partial, float* loss, int64_t count, double factor) {
  __shared__ double part[32];
  double sum = 0;
  for (int64_t i = threadIdx.x; i < count; i += BLOCK) sum += partial[i];
  sum = block_sum(sum, part);
  if (threadIdx.x == 0) *loss = static_cast<float>(factor * sum);
}

template <typename T>
struct QuantizeBackward {
  Backend::VectorQuantizeBackward o;
  float two_over_n;
  template <int W>
  __device__ void at(int64_t i) const {
    const Backend::VectorQuantize& f = o.forward;
    int64_t position = i / f.width;
    int e = static_cast<int>(i - position * f.width);
    auto up = static_cast<const T*>(o.dquantized);
    float z = widen(static_cast<const T*>(f.z)[i]);
    float d = *o.dloss * two_over_n * (z - f.codebook[int64_t{f.indices[position]} * f.width + e]);
    static_cast<T*>(o.dz)[i] = narrow<T>(fmaf(f.beta, d, up ? widen(up[i]) : 0.f));
  }
};

// One thread per code: reads all indices, tile by tile, and adds the positions that chose its code in order.
template <typename T>
__global__ void __launch_bounds__(BLOCK) codebook_gradient_kernel(Backend::VectorQuantizeBackward o, float two_over_n) {
  __shared__ int32_t tile[BLOCK];
  const Backend::VectorQuantize& f = o.forward;
  auto z = static_cast<const T*>(f.z);
  int code = static_cast<int>(blockIdx.x * BLOCK + threadIdx.x);
  float scale = *o.dloss * two_over_n;
  if (code < f.codes)
    for (int e = 0; e < f.width; e++) o.dcodebook[int64_t{code} * f.width + e] = 0;
  for (int64_t first = 0; first < f.positions; first += BLOCK) {
    int count = static_cast<int>(f.positions - first < BLOCK ? f.positions - first : BLOCK);
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < count) tile[threadIdx.x] = f.indices[first + threadIdx.x];
    __syncthreads();
    for (int i = 0; i < count; i++) {
      if (tile[i] != code) continue;
      for (int e = 0; e < f.width; e++) {
        int64_t at = int64_t{code} * f.width + e;
        o.dcodebook[at] -= scale * (widen(z[(first + i) * f.width + e]) - f.codebook[at]);
      }
    }
  }
}

}  // namespace

int64_t scratch_bytes(const Backend::VectorQuantize& o) { return search_blocks(o.positions) * int64_t{sizeof(double)}; }

void vector_quantize(const Backend::VectorQuantize& o, void* stream) {
  check_aligned("vector_quantize", o.scratch);
  auto partial = static_cast<double*>(o.scratch);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    launch("vector_quantize", nearest_code_kernel<T>, dim3(blocks(o.positions, SEARCH_POSITIONS)), BLOCK, 0, stream, static_cast<const T*>(o.z),
           o.codebook, static_cast<T*>(o.quantized), o.indices, partial, o.positions, o.codes, o.width);
  });
  launch("vector_quantize", quantize_loss_kernel, dim3(1), BLOCK, 0, stream, partial, o.loss, search_blocks(o.positions),
         (1. + o.beta) / (static_cast<double>(o.positions) * o.width));
}

void vector_quantize_backward(const Backend::VectorQuantizeBackward& o, void* stream) {
  const Backend::VectorQuantize& f = o.forward;
  float two_over_n = static_cast<float>(2. / (static_cast<double>(f.positions) * f.width));
  by_type(f.type, [&](auto t) {
    using T = decltype(t);
    pointwise<1>("vector_quantize_backward", QuantizeBackward<T>{o, two_over_n}, f.positions * f.width, stream);
    launch("vector_quantize_backward", codebook_gradient_kernel<T>, dim3(blocks(f.codes, BLOCK)), BLOCK, 0, stream, o, two_over_n);
  });
}

}  // namespace fizzy::cuda
