// The memory of checked programs. Every allocation of such a program, by new or by malloc's users in C++, lies in one arena between
// red zones, so that the shadow knows the bounds of all that a kernel may touch in global memory.
#pragma once
#include <cstddef>
#include <cstdint>

namespace simt {

// What is known of one byte of global memory.
struct Cell {
  uint64_t state : 2;   // Memory
  uint64_t lane : 10;   // who wrote it last
  uint64_t epoch : 12;  // __syncthreads of its block before that
  uint64_t block : 24;
  uint64_t launch : 16;
};
enum Memory : uint64_t { UNALLOCATED = 0, UNWRITTEN = 1, WRITTEN = 2 };

// The cells of an address of the arena; null outside.
Cell* cells(const void* address);

// From now on reading is a fault until something is written: for results and scratch, before a launch.
void uninitialized(void* memory, size_t bytes);

}  // namespace simt
