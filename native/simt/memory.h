// The memory of checked programs. Every C++ allocation of such a program lies in one arena between red zones, so that the shadow knows the
// bounds of all global memory that a kernel may access.
#pragma once
#include <cstddef>
#include <cstdint>

namespace simt {

// The shadow of one byte of global memory.
struct Cell {
  uint64_t state : 2;   // Memory
  uint64_t lane : 10;   // that wrote it last
  uint64_t epoch : 12;  // number of __syncthreads of its block before that
  uint64_t block : 24;
  uint64_t launch : 16;
};
enum Memory : uint64_t { UNALLOCATED = 0, UNWRITTEN = 1, WRITTEN = 2 };

// The cells of an address in the arena; null for addresses outside.
Cell* cells(const void* address);

// Marks memory as never written, so that reading it before a write is a fault: for results and scratch, before a launch.
void uninitialized(void* memory, size_t bytes);

}  // namespace simt
