// Internals of the emulator: lanes, warps and the cluster of blocks that runs on this thread, usually of one block.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "simt/simt.h"

namespace simt {

constexpr int WARP_LANES = 32;
constexpr int BLOCK_LANES_MAX = 1024;
constexpr size_t STACK_BYTES = 64 * 1024;
constexpr size_t SHARED_BYTES = 227 * 1024;  // maximum per block, as on sm_90
constexpr int CLUSTER_BLOCKS_MAX = 8;        // what every GPU with clusters takes

enum class State { READY, AT_BARRIER, AT_CLUSTER, AT_WARP, DONE };

struct AsyncCopy {
  char* to;
  const char* from;
  bool present;
  int group;
};

struct Lane {
  State state;
  int number;    // index within the cluster
  int thread;    // index within the block
  int rank;      // of the block in the cluster
  void* stack;   // saved stack pointer
  char* bottom;  // lowest address of its stack; null before it starts
  int group;     // asynchronous groups committed so far
  std::vector<AsyncCopy> copies;
};

// The state of a warp operation. Two buffers, since a lane may write its next word while others still read the previous ones.
struct Warp {
  const char* operation;
  int arrived;
  unsigned turn;
  uint32_t epoch;  // __syncwarp and __syncthreads so far
  uint32_t words[2][WARP_LANES];
  uint64_t wide[2][WARP_LANES];
  struct Fragments {
    uint32_t a[4], b[2];
    float c[4];
  } fragments[2][WARP_LANES];
  float d[2][WARP_LANES][4];
  const char* rows[2][WARP_LANES];
};

struct Block {
  dim3 index;
  int64_t serial;  // within the launch
  int done, at_barrier;
  uint32_t epoch;  // __syncthreads and barriers of the cluster so far
  char* shared;    // its dynamic shared memory
};

struct Cluster {
  const Launch* launch = nullptr;
  int lanes = 0, done = 0, at_barrier = 0;
  uint32_t epoch = 0;  // barriers of the cluster so far
  std::vector<Block> blocks;
  Lane* lane = nullptr;
  void* scheduler = nullptr;  // the scheduler's saved stack pointer
  std::vector<Lane> all;
  std::vector<Warp> warps;
  std::vector<int> order;
  char* shared_begin = nullptr;  // mapped separately, since memory from the allocator is the device's global memory
  std::vector<char*> free_stacks;
  std::string fault;
  std::minstd_rand random;

  Block& mine() { return blocks[lane->rank]; }
};

// Of this thread; null before its first launch. A pointer, since each use of a thread-local object with a constructor calls a function.
extern constinit thread_local Cluster* cluster;

// Ends the launch with an error message; called by a lane, does not return.
[[noreturn]] void fault(const std::string& what);

// Order of lanes and blocks: 0 ascending, 1 descending, other values are the seed of a shuffle.
extern int lane_order;
// Whether the GPU has clusters of blocks.
extern bool clusters;

// The checks of shadow.cpp; shadow_none.cpp replaces them with empty functions.
void shadow_launch();
void shadow_cluster();
void shadow_leave();  // the lane is the last of its block
void shadow_access(const void* address, size_t bytes, bool write);
void shadow_async(void* shared, size_t bytes);  // marks the target as not readable until the copy has completed
void shadow_async_lands(void* shared, size_t bytes);

}  // namespace simt
