// Shared by all kernels/*/cuda.cu: vector loads and stores, reductions, tensor-core and asynchronous instructions, launches. nvcc compiles
// it for the GPU, g++ for the emulator (simt/simt.h). Both compile without contraction (multiplications and additions are fused only where
// the code calls fma), so that random numbers and optimizer steps are bit for bit those of the CPU.
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/bf16.h"
#include "common/check.h"
#include "fizzy/backend.h"
#ifdef __CUDACC__
#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>
#else
#include "simt/simt.h"
#endif

namespace fizzy::cuda {

constexpr unsigned WARP = 0xffffffffu;
constexpr int BLOCK = 256;  // default number of threads: eight warps, six to eight such blocks per multiprocessor

// ---- launches ---------------------------------------------------------------------------------------------------------------------

// An NVTX range that names the launcher in profiles.
struct Range {
#ifdef __CUDACC__
  explicit Range(const char* name) { nvtxRangePushA(name); }
  ~Range() { nvtxRangePop(); }
#else
  explicit Range(const char*) {}
  ~Range() {}
#endif
  Range(const Range&) = delete;
};

// Checks a launch, then calls `start`, which launches. An empty grid launches nothing.
template <typename... P, typename Start>
void checked_launch(const char* name, void (*kernel)(P...), dim3 grid, int threads, size_t shared, Start start) {
  check(grid.y <= 65535 && grid.z <= 65535 && grid.x <= 0x7fffffffu, name, ": a grid of ", grid.x, "x", grid.y, "x", grid.z, " blocks");
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
  cudaError_t error = cudaSuccess;
  if (shared > 48 * 1024) error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared));
  if (error == cudaSuccess) {
    start();
    error = cudaGetLastError();
  }
  if (error != cudaSuccess)
    throw std::runtime_error(std::string(name) + ": " + cudaGetErrorString(error) + " (" + std::to_string(grid.x) + "x" +
                             std::to_string(grid.y) + "x" + std::to_string(grid.z) + " blocks of " + std::to_string(threads) + " threads, " +
                             std::to_string(shared) + " bytes of shared memory)");
}

// kernel<<<grid, threads, shared bytes, stream>>>(arguments...)
template <typename... P, typename... A>
void launch(const char* name, void (*kernel)(P...), dim3 grid, int threads, size_t shared, void* stream, A... arguments) {
  checked_launch(name, kernel, grid, threads, shared, [&] {
#ifdef __CUDACC__
    kernel<<<grid, threads, shared, static_cast<cudaStream_t>(stream)>>>(arguments...);
#else
    simt::launch(name, kernel, grid, 1, threads, shared, stream, arguments...);
#endif
  });
}

// The same with clusters of `cluster` blocks along y, which run at the same time and read each other's shared memory.
template <typename... P, typename... A>
void launch_clusters(const char* name, void (*kernel)(P...), dim3 grid, int cluster, int threads, size_t shared, void* stream, A... arguments) {
  checked_launch(name, kernel, grid, threads, shared, [&] {
#ifdef __CUDACC__
    cudaLaunchAttribute shape{};
    shape.id = cudaLaunchAttributeClusterDimension;
    shape.val.clusterDim = {1, static_cast<unsigned>(cluster), 1};
    cudaLaunchConfig_t config{};
    config.gridDim = grid, config.blockDim = dim3(threads), config.dynamicSmemBytes = shared, config.stream = static_cast<cudaStream_t>(stream);
    config.attrs = &shape, config.numAttrs = 1;
    cudaLaunchKernelEx(&config, kernel, arguments...);  // its error is that of cudaGetLastError
#else
    simt::launch(name, kernel, grid, cluster, threads, shared, stream, arguments...);
#endif
  });
}

// Whether a kernel that uses clusters was compiled for them: the PTX of older GPUs, which a driver compiles for a newer one, has none.
template <typename... P>
bool has_clusters(void (*kernel)(P...)) {
#ifdef __CUDACC__
  cudaFuncAttributes attributes;
  bool known = cudaFuncGetAttributes(&attributes, kernel) == cudaSuccess;
  if (!known) cudaGetLastError();
  return known && attributes.ptxVersion >= 90;
#else
  return kernel && simt::has_clusters();
#endif
}

inline unsigned blocks(int64_t work, int64_t of_a_block) {
  int64_t count = (work + of_a_block - 1) / of_a_block;
  check(count <= 0x7fffffff, "a grid of ", count, " blocks");
  return static_cast<unsigned>(count);
}

// Vector accesses need addresses that are multiples of 16; the engine's are multiples of 64.
template <typename... Pointers>
void check_aligned(const char* name, Pointers... pointers) {
  for (const void* p : {static_cast<const void*>(pointers)...})
    check(reinterpret_cast<uintptr_t>(p) % 16 == 0, name, ": an address is not a multiple of 16");
}

// The block's dynamic shared memory, 16-byte aligned.
__device__ __forceinline__ char* shared_memory() {
#ifdef __CUDACC__
  extern __shared__ __align__(16) char dynamic_shared_memory[];
  return dynamic_shared_memory;
#else
  return simt::dynamic_shared();
#endif
}

// ---- clusters of blocks, of GPUs from 9.0 on -----------------------------------------------------------------------------------------

#if !defined(__CUDACC__) || !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
#define FIZZY_CLUSTERS

// Waits for all threads of the cluster, and shows each what the others have written.
__device__ __forceinline__ void cluster_barrier() {
#ifdef __CUDACC__
  __cluster_barrier_arrive();
  __cluster_barrier_wait();
#else
  simt::cluster_barrier();
#endif
}

// What another block of the cluster has at the same place of its dynamic shared memory.
__device__ __forceinline__ float of_block(const float* shared, int rank) {
#ifdef __CUDACC__
  return *static_cast<const float*>(__cluster_map_shared_rank(shared, rank));
#else
  return *static_cast<const float*>(simt::of_block(shared, rank));
#endif
}
#endif

// ---- types, loads and stores -----------------------------------------------------------------------------------------------------

__device__ __forceinline__ float widen(float v) { return v; }
__device__ __forceinline__ float widen(bf16 v) { return __uint_as_float(unsigned{v.bits} << 16); }

// Two floats as bf16, to nearest even, the first in the lower half.
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
#ifdef __CUDACC__
  unsigned packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
#else
  return from_float<bf16>(low).bits | unsigned{from_float<bf16>(high).bits} << 16;
#endif
}

template <typename T>
__device__ __forceinline__ T narrow(float v) {
  if constexpr (sizeof(T) == 4) return v;
  else return bf16{static_cast<uint16_t>(pack_bf16(v, 0))};
}

// W floats in registers, read and written as 16-byte words if W fills them.
template <int W>
struct Floats {
  float v[W];
  __device__ float& operator[](int i) { return v[i]; }
  __device__ const float& operator[](int i) const { return v[i]; }
};

// The largest word whose size divides the number of bytes.
template <int BYTES>
struct WordOf {
  using type = std::conditional_t<BYTES % 16 == 0, uint4,
                                  std::conditional_t<BYTES % 8 == 0, uint2, std::conditional_t<BYTES % 4 == 0, unsigned, uint16_t>>>;
};

template <int BYTES>
struct Raw {
  using Word = typename WordOf<BYTES>::type;
  static constexpr int WORDS = BYTES / sizeof(Word);
  union {
    Word words[WORDS];
    unsigned u[BYTES / 4 > 0 ? BYTES / 4 : 1];
    uint16_t h[BYTES / 2];
  };
};

template <int BYTES>
__device__ __forceinline__ Raw<BYTES> load_raw(const void* p) {
  Raw<BYTES> raw;
#ifndef __CUDACC__
  simt::check_aligned(p, sizeof(typename Raw<BYTES>::Word));
#endif
#pragma unroll
  for (int i = 0; i < Raw<BYTES>::WORDS; i++) raw.words[i] = static_cast<const typename Raw<BYTES>::Word*>(p)[i];
  return raw;
}
template <int BYTES>
__device__ __forceinline__ void store_raw(void* p, const Raw<BYTES>& raw) {
#ifndef __CUDACC__
  simt::check_aligned(p, sizeof(typename Raw<BYTES>::Word));
#endif
#pragma unroll
  for (int i = 0; i < Raw<BYTES>::WORDS; i++) static_cast<typename Raw<BYTES>::Word*>(p)[i] = raw.words[i];
}

// Stores 16-byte words to global memory as single instructions: the compiler splits the stores of store_raw if the same words are stored to
// several addresses or computed in branches.
template <int BYTES>
__device__ __forceinline__ void store_whole(void* p, const Raw<BYTES>& raw) {
#ifdef __CUDACC__
  if constexpr (BYTES % 16 == 0) {
    auto to = __cvta_generic_to_global(p);
#pragma unroll
    for (int i = 0; i < BYTES / 16; i++)
      asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};"
                   :
                   : "l"(to + 16 * i), "r"(raw.words[i].x), "r"(raw.words[i].y), "r"(raw.words[i].z), "r"(raw.words[i].w)
                   : "memory");
    return;
  }
#endif
  store_raw(p, raw);
}

template <int W, typename T>
__device__ __forceinline__ Floats<W> unpack(const Raw<W * sizeof(T)>& raw) {
  Floats<W> out;
#pragma unroll
  for (int i = 0; i < W; i++) {
    if constexpr (sizeof(T) == 4) out[i] = __uint_as_float(raw.u[i]);
    else if constexpr (W == 1) out[i] = __uint_as_float(unsigned{raw.h[0]} << 16);
    else out[i] = __uint_as_float(i % 2 ? raw.u[i / 2] & 0xffff0000u : raw.u[i / 2] << 16);
  }
  return out;
}
template <int W, typename T>
__device__ __forceinline__ Floats<W> load(const T* p) {
  return unpack<W, T>(load_raw<W * sizeof(T)>(p));
}

template <typename T, int W>
__device__ __forceinline__ Raw<W * sizeof(T)> pack(const Floats<W>& v) {
  Raw<W * sizeof(T)> raw;
  if constexpr (sizeof(T) == 4) {
#pragma unroll
    for (int i = 0; i < W; i++) raw.u[i] = __float_as_uint(v[i]);
  } else if constexpr (W == 1) {
    raw.h[0] = static_cast<uint16_t>(pack_bf16(v[0], 0));
  } else {
#pragma unroll
    for (int i = 0; i < W / 2; i++) raw.u[i] = pack_bf16(v[2 * i], v[2 * i + 1]);
  }
  return raw;
}
template <int W, typename T>
__device__ __forceinline__ void store(T* p, const Floats<W>& v) {
  store_raw(p, pack<T>(v));
}

// Number of elements of type T in 16 bytes.
template <typename T>
constexpr int VECTOR = 16 / sizeof(T);

// The vector width for rows of n elements: the largest power of two that divides n, at most VECTOR<T>.
template <typename T>
inline int vector_of(int64_t n) {
  int w = VECTOR<T>;
  while (n % w != 0) w /= 2;
  return w;
}

// ---- elementwise kernels: f.at<W>(i) handles elements i .. i+W-1 ----------------------------------------------------------------------

template <int W, typename F>
__global__ void __launch_bounds__(BLOCK) pointwise_kernel(F f, int64_t n) {
  int64_t i = (int64_t{blockIdx.x} * BLOCK + threadIdx.x) * W;
  if (i + W <= n) f.template at<W>(i);
  else
    for (; i < n; i++) f.template at<1>(i);
}

template <int W, typename F>
void pointwise(const char* name, F f, int64_t n, void* stream) {
  check(n >= 0, name, ": n ", n);
  launch(name, pointwise_kernel<W, F>, dim3(blocks(n, int64_t{BLOCK} * W)), BLOCK, 0, stream, f, n);
}

// ---- reductions, always in one order ---------------------------------------------------------------------------------------------------

template <typename T>
__device__ __forceinline__ T warp_sum(T v) {
#pragma unroll
  for (int bits = 16; bits > 0; bits /= 2) v += __shfl_xor_sync(WARP, v, bits);
  return v;
}
template <typename T>
__device__ __forceinline__ T larger(T a, T b) {
  if constexpr (std::is_same_v<T, float>) return fmaxf(a, b);
  else return max(a, b);
}
template <typename T>
__device__ __forceinline__ T warp_max(T v) {
#pragma unroll
  for (int bits = 16; bits > 0; bits /= 2) v = larger(v, __shfl_xor_sync(WARP, v, bits));
  return v;
}

// Returns the sum over the block in every thread; `part` holds one value per warp. Blocks consist of whole warps.
template <typename T>
__device__ __forceinline__ T block_sum(T v, T (&part)[32]) {
  v = warp_sum(v);
  __syncthreads();  // the previous sum may still be reading `part`
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = v;
  __syncthreads();
  int warps = blockDim.x / 32;
  v = static_cast<int>(threadIdx.x % 32) < warps ? part[threadIdx.x % 32] : T(0);
  return warp_sum(v);
}
template <typename T>
__device__ __forceinline__ T block_max(T v, T (&part)[32]) {
  v = warp_max(v);
  __syncthreads();
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = v;
  __syncthreads();
  int warps = blockDim.x / 32;
  v = static_cast<int>(threadIdx.x % 32) < warps ? part[threadIdx.x % 32] : v;
  return warp_max(v);
}

}  // namespace fizzy::cuda
