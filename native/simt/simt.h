// CUDA for .cu files that g++ compiles: the keywords, the built-in variables and functions, and the warp-wide and asynchronous instructions
// of common/cuda.cuh, all executed lane by lane on the CPU. For tests only.
// A lane is a fiber. At __syncthreads and at warp operations a lane waits until all others of its block or warp have arrived at the same
// one. __shared__ is thread_local, since a block runs on one thread. Warp operations need whole warps.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static thread_local
#define __align__(n) alignas(n)

// Accesses of the emulator itself are not checked.
#ifdef FIZZY_SIMT_CHECKED
#define SIMT_OWN __attribute__((no_sanitize("thread")))
#else
#define SIMT_OWN
#endif

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};

namespace simt {

// ---- what the runtime offers to kernels (runtime.cpp) -----------------------------------------------------------------------
dim3 thread_index();
dim3 block_index();
dim3 block_size();
dim3 grid_size();
char* dynamic_shared();
void barrier();
void cluster_barrier();
// The address of the same place in the dynamic shared memory of another block of the cluster.
const void* of_block(const void* shared, unsigned rank);
bool has_clusters();
void warp_barrier();
// Returns the words of all lanes of the warp, after all have arrived.
const uint32_t* exchange(const char* operation, uint32_t word);
const uint64_t* exchange(const char* operation, uint64_t word);
int lane_of_warp();
// d = a b + c of m16n8k16 in bf16 with f32 sums; fragments have PTX's layout.
void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const float (&c)[4]);
// Lane 8 i + r gives the address of row r of the 8x8 matrix i.
void load_matrix(uint32_t* registers, int matrices, bool transposed, const void* row);
// Copies 16 bytes, or zeros if not `present`, when their group is waited for; until then the target must not be read.
void copy_async(void* shared, const void* global, bool present);
void commit_async();
void wait_async(int groups_left);
// An access to several elements at once, as one word.
void misaligned(const void* address, size_t bytes);
inline void check_aligned(const void* address, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(address) % bytes != 0) misaligned(address, bytes);
}

// ---- launches --------------------------------------------------------------------------------------------------------------------
struct Launch {
  const char* name;
  dim3 grid;
  int threads;
  int cluster;  // blocks of a cluster, along y
  size_t shared_bytes;
  void (*lane)(const void* given);  // calls the kernel with its arguments
  std::shared_ptr<const void> given;
};
void submit(void* stream, Launch launch);  // runs it now, or hands it to the stand-in runtime's stream
// Dynamic shared memory beyond 48 KiB must be allowed for a kernel before its launch, up to what the smallest supported GPU has.
int allow_shared(const void* kernel, int bytes);
void check_shared(const char* name, const void* kernel, size_t bytes);

template <typename... P, typename... A>
void launch(const char* name, void (*kernel)(P...), dim3 grid, int cluster, int threads, size_t shared_bytes, void* stream, A... arguments) {
  check_shared(name, reinterpret_cast<const void*>(kernel), shared_bytes);
  using Given = std::pair<void (*)(P...), std::tuple<P...>>;
  auto call = [](const void* given) SIMT_OWN {
    auto g = static_cast<const Given*>(given);
    std::apply(g->first, g->second);
  };
  submit(stream, {name, grid, threads, cluster, shared_bytes, call, std::make_shared<const Given>(kernel, std::tuple<P...>(arguments...))});
}

}  // namespace simt

// The calls of the CUDA runtime that launch() makes. The emulator throws where a launch fails.
using cudaError_t = int;
constexpr cudaError_t cudaSuccess = 0;
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
template <typename... P>
inline cudaError_t cudaFuncSetAttribute(void (*kernel)(P...), cudaFuncAttribute, int bytes) {
  return simt::allow_shared(reinterpret_cast<const void*>(kernel), bytes);
}
inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline const char* cudaGetErrorString(cudaError_t) { return "invalid argument"; }

#define threadIdx (simt::thread_index())
#define blockIdx (simt::block_index())
#define blockDim (simt::block_size())
#define gridDim (simt::grid_size())
#define __syncthreads() simt::barrier()
#define __syncwarp() simt::warp_barrier()

namespace simt {
template <typename T>
using Word = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <typename T>
SIMT_OWN T from_lane(const char* operation, T value, int source) {
  Word<T> word;
  std::memcpy(&word, &value, sizeof value);
  word = exchange(operation, word)[source & 31];
  std::memcpy(&value, &word, sizeof value);
  return value;
}
constexpr unsigned WHOLE_WARP = 0xffffffffu;  // the only mask supported
void whole_warp(unsigned mask);               // a fault for any other mask
}  // namespace simt

template <typename T>
inline T __shfl_sync(unsigned mask, T value, int source) {
  simt::whole_warp(mask);
  return simt::from_lane("shfl", value, source);
}
template <typename T>
inline T __shfl_xor_sync(unsigned mask, T value, int bits) {
  simt::whole_warp(mask);
  return simt::from_lane("shfl_xor", value, simt::lane_of_warp() ^ bits);
}

inline unsigned __float_as_uint(float v) {
  unsigned u;
  std::memcpy(&u, &v, 4);
  return u;
}
inline float __uint_as_float(unsigned u) {
  float v;
  std::memcpy(&v, &u, 4);
  return v;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
inline double rsqrt(double v) { return 1 / std::sqrt(v); }
template <typename T>
inline T min(T a, T b) {
  return b < a ? b : a;
}
template <typename T>
inline T max(T a, T b) {
  return a < b ? b : a;
}
