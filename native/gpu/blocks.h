// Finds the block of host memory that an address lies in, so that it can be copied to a GPU: every C++ allocation of a program that links
// blocks.cpp, the stack of its main thread, and its static data.
#pragma once
#include <cstddef>
#include <cstdint>

namespace gpu {

struct Block {
  char* begin;
  size_t bytes;  // 0: there is no block
  bool whole;    // an allocation; otherwise a window, from the address on, of the stack or of static data
};

Block block_of(uintptr_t address);

}  // namespace gpu
