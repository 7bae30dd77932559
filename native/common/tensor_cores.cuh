// Tensor-core products and asynchronous copies (sm_80 and later), in PTX for the GPU and as warp operations in the emulator.
#pragma once
#include "common/cuda.cuh"

namespace fizzy::cuda {

// d = a b + c, a [16,16] and b [16,8] in bf16, c and d [16,8] in f32. With g = lane/4, t = lane%4 the fragments are: a: rows g, g+8, g, g+8 at columns
// 2t, 2t, 2t+8, 2t+8; b: rows 2t and 2t+8 of column g; c: row g at columns 2t and 2t+1, then row g+8. (PTX ISA, mma.m16n8k16)
__device__ __forceinline__ void mma_bf16(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#ifdef __CUDACC__
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  unsigned b[2] = {b0, b1};
  simt::mma_m16n8k16(c, a, b, c);
#endif
}

// Four 8x8 matrices of 16-bit elements from shared memory; lane 8 i + r gives the address of row r of matrix i. Each lane receives two
// adjacent elements of row lane/4 of each matrix; TRANSPOSED, of its column lane/4.
template <bool TRANSPOSED>
__device__ __forceinline__ void load_matrices(unsigned (&r)[4], const void* row) {
#ifdef __CUDACC__
  unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  if constexpr (TRANSPOSED)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address)
                 : "memory");
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address)
                 : "memory");
#else
  simt::load_matrix(r, 4, TRANSPOSED, row);
#endif
}

// Copies 16 bytes into shared memory, bypassing level 1; writes zeros if not `present`. Readable after wait_copies and, by other threads, a
// barrier.
__device__ __forceinline__ void copy_async(void* shared, const void* global, bool present) {
#ifdef __CUDACC__
  unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(present ? 16 : 0) : "memory");
#else
  simt::copy_async(shared, global, present);
#endif
}
__device__ __forceinline__ void commit_copies() {
#ifdef __CUDACC__
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  simt::commit_async();
#endif
}
// Waits until at most the LEFT latest committed groups are pending.
template <int LEFT>
__device__ __forceinline__ void wait_copies() {
#ifdef __CUDACC__
  asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#else
  simt::wait_async(LEFT);
#endif
}

}  // namespace fizzy::cuda
