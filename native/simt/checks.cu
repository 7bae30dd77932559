// Small incorrect kernels, one for each error that the emulator must detect, and the message that it must give.
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "common/tensor_cores.cuh"
#include "simt/memory.h"

using namespace fizzy::cuda;

namespace {

__global__ void blocks_write_one_address(float* out) { out[threadIdx.x] = static_cast<float>(blockIdx.x); }

__global__ void lanes_write_one_address(float* out) { out[threadIdx.x / 2] = static_cast<float>(threadIdx.x); }

__global__ void half_the_block_leaves(float* out) {
  if (threadIdx.x >= 32) return;
  __syncthreads();
  out[threadIdx.x] = 1;
}

__global__ void warps_wait_at_different_operations(float* out) {
  if (threadIdx.x == 0) __syncthreads();
  out[threadIdx.x] = __shfl_xor_sync(WARP, 1.f, 1);
}

__global__ void half_a_warp_shuffles(float* out) { out[threadIdx.x] = __shfl_xor_sync(0xffffu, 1.f, 1); }

__global__ void operations_differ_in_a_warp(float* out) {
  float v = 1;
  if (threadIdx.x % 2) v = __shfl_xor_sync(WARP, v, 1);
  else __syncwarp();
  out[threadIdx.x] = v;
}

__global__ void neighbors_without_syncwarp(float* out) {
  __shared__ float values[64];
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  out[threadIdx.x] = values[threadIdx.x ^ 1];
}

__global__ void neighbors_with_syncwarp(float* out) {
  __shared__ float values[64];
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncwarp();
  out[threadIdx.x] = values[threadIdx.x ^ 1];
}

__global__ void other_warp_with_syncwarp(float* out) {
  __shared__ float values[64];
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncwarp();
  out[threadIdx.x] = values[threadIdx.x ^ 32];
}

__global__ void reads_past_the_end(float* out) { out[threadIdx.x] = out[threadIdx.x + 1]; }

__global__ void reads_unwritten_memory(float* out) { out[threadIdx.x] += 1; }

__global__ void reads_past_shared(float* out) {
  float* shared = reinterpret_cast<float*>(shared_memory());
  shared[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = shared[threadIdx.x + 1];
}

__global__ void misaligned_copy(float* out) {
  copy_async(shared_memory() + 4 * threadIdx.x, out, true);
  commit_copies();
  wait_copies<0>();
}

__global__ void misaligned_load(float* out) {
  Floats<2> pair = load<2>(out + 1);
  out[threadIdx.x] = pair[0];
}

__global__ void misaligned_store(float* out) {
  if (threadIdx.x == 0) store(out + 2, Floats<4>{});
}

__global__ void much_shared(float* out) { out[threadIdx.x] = 1; }

__global__ void copy_without_wait(float* out) {
  copy_async(shared_memory() + 16 * threadIdx.x % 64, out + 4 * (threadIdx.x % 4), true);
  commit_copies();
}

__global__ void null_address(float*) { *reinterpret_cast<volatile float*>(16) = 1; }

int missed = 0;

void expect(const char* name, void (*kernel)(float*), unsigned blocks, bool written, const std::string& sentence) {
  std::vector<float> out(64);
  if (!written) simt::uninitialized(out.data(), out.size() * 4);
  std::string outcome = "clean";
  try {
    launch(name, kernel, dim3(blocks), 64, 256, nullptr, out.data());
  } catch (const std::exception& e) {
    outcome = e.what();
  }
  bool found = outcome.find(sentence) != std::string::npos;
  missed += !found;
  std::printf("%s %s: %s\n", found ? "as expected," : "FAILED,", name, outcome.c_str());
}

// 64 KiB of shared memory with and without permission, and more than a GPU has.
void expect_shared() {
  std::vector<float> out(64);
  auto outcome = [&](auto run) {
    try {
      run();
      return std::string("clean");
    } catch (const std::exception& e) {
      return std::string(e.what());
    }
  };
  auto expected = [](const std::string& got, const std::string& sentence) {
    bool found = got.find(sentence) != std::string::npos;
    missed += !found;
    std::printf("%s shared memory: %s\n", found ? "as expected," : "FAILED,", got.c_str());
  };
  constexpr int BYTES = 64 << 10;
  expected(outcome([&] { simt::launch("much_shared", much_shared, dim3(1), 1, 64, BYTES, nullptr, out.data()); }), "were not allowed");
  expected(outcome([&] { launch("much_shared", much_shared, dim3(1), 64, 2 * BYTES, nullptr, out.data()); }), "invalid argument (1x1x1 blocks");
  expected(outcome([&] { launch("much_shared", much_shared, dim3(1), 64, BYTES, nullptr, out.data()); }), "clean");
}

}  // namespace

int main() {
  expect("blocks_write_one_address", blocks_write_one_address, 2, false, "global memory: race");
  expect("lanes_write_one_address", lanes_write_one_address, 1, false, "global memory: race");
  expect("half_the_block_leaves", half_the_block_leaves, 1, false, "have left the kernel while 32 wait at __syncthreads");
  expect("warps_wait_at_different_operations", warps_wait_at_different_operations, 1, false, "deadlock");
  expect("half_a_warp_shuffles", half_a_warp_shuffles, 1, false, "a warp operation with a partial mask");
  expect("operations_differ_in_a_warp", operations_differ_in_a_warp, 1, false, "while lanes of its warp wait at");
  expect("neighbors_without_syncwarp", neighbors_without_syncwarp, 1, false, "shared memory: ");
  expect("neighbors_with_syncwarp", neighbors_with_syncwarp, 1, false, "clean");
  expect("other_warp_with_syncwarp", other_warp_with_syncwarp, 1, false, "shared memory: ");
  expect("reads_past_the_end", reads_past_the_end, 1, true, "global memory: r");
  expect("reads_unwritten_memory", reads_unwritten_memory, 1, false, "that was never written");
  expect("reads_past_shared", reads_past_shared, 1, false, "past its end");
  expect("misaligned_copy", misaligned_copy, 1, true, "not multiples of 16");
  expect("copy_without_wait", copy_without_wait, 1, true, "asynchronous copy");
  expect("null_address", null_address, 1, false, "not device memory");
  expect("misaligned_load", misaligned_load, 1, true, "an access of 8 bytes at an address that leaves 4");
  expect("misaligned_store", misaligned_store, 1, true, "an access of 16 bytes at an address that leaves 8");
  expect_shared();
  return missed;
}
