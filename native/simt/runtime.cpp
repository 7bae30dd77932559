// Fibers, barriers, warp operations and launches.
#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>

#include "common/check.h"
#include "simt/block.h"

namespace simt {

constinit thread_local Cluster* cluster = nullptr;
int lane_order = 0;
bool clusters = true;

namespace {

// Switches fibers: saves the registers that code after it may use, the stack pointer and where to go on, and loads the other fiber's (x86-64).
// Not a function, since the processor predicts that a function returns to its caller, and here it would always be wrong.
__attribute__((always_inline)) inline void switch_fiber(void** save, void* take) {
  asm volatile(R"(
    leaq -128(%%rsp), %%rsp  # the red zone
    pushq %%rbp
    pushq %%rbx
    leaq 1f(%%rip), %%rax
    pushq %%rax
    movq %%rsp, (%%rdi)
    movq %%rsi, %%rsp
    popq %%rax
    jmpq *%%rax
  1:
    popq %%rbx
    popq %%rbp
    leaq 128(%%rsp), %%rsp
  )"
               : "+D"(save), "+S"(take)
               :
               : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3",
                 "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

void wait(State state) {
  cluster->lane->state = state;
  switch_fiber(&cluster->lane->stack, cluster->scheduler);
}

void left_without() {
  const Block& block = cluster->mine();
  if (block.at_barrier > 0 && block.at_barrier + block.done == cluster->launch->threads)
    fault("some lanes have left the kernel while " + std::to_string(block.at_barrier) + " wait at __syncthreads");
  if (cluster->at_barrier > 0 && cluster->done > 0)
    fault("some lanes have left the kernel while " + std::to_string(cluster->at_barrier) + " wait at the cluster's barrier");
}

void lane_main() {
  cluster->launch->lane(cluster->launch->given.get());
  Lane& lane = *cluster->lane;
  if (!lane.copies.empty()) fault("the lane ends with a pending asynchronous copy");
  lane.state = State::DONE;
  cluster->done++;
  if (++cluster->mine().done == cluster->launch->threads) shadow_leave();
  left_without();
  void* nowhere;
  switch_fiber(&nowhere, cluster->scheduler);
}

char* new_pages(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

char* new_stack() {
  if (!cluster->free_stacks.empty()) {
    char* stack = cluster->free_stacks.back();
    cluster->free_stacks.pop_back();
    return stack;
  }
  return new_pages(STACK_BYTES);
}

void start(Lane& lane) {
  lane.bottom = new_stack();
  // Stacks are a multiple of 4096 bytes apart, so each starts at a different offset; otherwise all lanes would share one cache set.
  size_t skew = reinterpret_cast<uintptr_t>(lane.bottom) / STACK_BYTES * 192 % 4096 / 16 * 16;
  auto top = reinterpret_cast<void**>(lane.bottom + STACK_BYTES - skew - 64);
  *--top = nullptr;  // return address of lane_main; keeps the stack 8 bytes past a multiple of 16, as after a call
  *--top = reinterpret_cast<void*>(&lane_main);
  lane.stack = top;
}

void resume(Lane& lane) {
  if (lane.bottom == nullptr) start(lane);
  cluster->lane = &lane;
  switch_fiber(&cluster->scheduler, lane.stack);
  cluster->lane = nullptr;
  if (lane.state == State::DONE) cluster->free_stacks.push_back(lane.bottom), lane.bottom = nullptr;
}

std::string where() {
  const Launch& l = *cluster->launch;
  const Block& block = cluster->lane ? cluster->mine() : cluster->blocks.front();
  std::string text = std::string("simt: ") + l.name + ", block " + std::to_string(block.index.x) + "," + std::to_string(block.index.y) + "," +
                     std::to_string(block.index.z);
  if (cluster->lane) text += ", lane " + std::to_string(cluster->lane->thread);
  return text;
}

void schedule() {
  while (cluster->done < cluster->lanes) {
    bool moved = false;
    for (int i : cluster->order) {
      if (cluster->all[i].state != State::READY) continue;
      resume(cluster->all[i]);
      moved = true;
      if (!cluster->fault.empty()) return;
    }
    if (!moved) {
      int warp = std::count_if(cluster->all.begin(), cluster->all.end(), [](const Lane& l) { return l.state == State::AT_WARP; });
      int barrier = std::count_if(cluster->all.begin(), cluster->all.end(), [](const Lane& l) { return l.state == State::AT_BARRIER; });
      cluster->fault = where() + ": deadlock, since " + std::to_string(barrier) + " wait at __syncthreads, " + std::to_string(warp) +
                       " at a warp operation, " + std::to_string(cluster->done) + " have left";
      return;
    }
  }
}

// A block of a cluster of blocks along y.
Block start_block(const Launch& launch, int64_t number, int rank) {
  int64_t clusters = launch.grid.y / launch.cluster;
  dim3 index(number % launch.grid.x, number / launch.grid.x % clusters * launch.cluster + rank, number / launch.grid.x / clusters);
  int64_t serial = index.x + launch.grid.x * (index.y + int64_t{launch.grid.y} * index.z);
  return {index, serial, 0, 0, 0, cluster->shared_begin + rank * SHARED_BYTES};
}

void run_cluster(const Launch& launch, int64_t number) {
  if (cluster->shared_begin == nullptr) cluster->shared_begin = new_pages(CLUSTER_BLOCKS_MAX * SHARED_BYTES);
  cluster->launch = &launch;
  cluster->lanes = launch.threads * launch.cluster;
  cluster->done = cluster->at_barrier = 0;
  cluster->epoch = 0;
  cluster->blocks.clear();
  for (int rank = 0; rank < launch.cluster; rank++) {
    cluster->blocks.push_back(start_block(launch, number, rank));
    std::memset(cluster->blocks.back().shared, 0xff, launch.shared_bytes);  // NaN, as f32 and as bf16
  }
  cluster->all.resize(cluster->lanes);
  for (int i = 0; i < cluster->lanes; i++) {
    Lane& lane = cluster->all[i];
    lane.state = State::READY, lane.number = i, lane.thread = i % launch.threads, lane.rank = i / launch.threads, lane.bottom = nullptr,
    lane.group = 0;
    lane.copies.clear();
  }
  cluster->warps.resize(cluster->lanes / WARP_LANES);
  for (Warp& w : cluster->warps) w.arrived = 0, w.turn = 0, w.epoch = 0;
  cluster->order.resize(cluster->lanes);
  std::iota(cluster->order.begin(), cluster->order.end(), 0);
  if (lane_order == 1) std::reverse(cluster->order.begin(), cluster->order.end());
  if (lane_order > 1) std::shuffle(cluster->order.begin(), cluster->order.end(), cluster->random);
  shadow_cluster();
  schedule();
  if (cluster->fault.empty()) return;
  for (Lane& lane : cluster->all)
    if (lane.bottom) cluster->free_stacks.push_back(lane.bottom), lane.bottom = nullptr;
}

void run(const Launch& launch) {
  fizzy::check(launch.threads > 0 && launch.threads <= BLOCK_LANES_MAX && launch.threads % WARP_LANES == 0, launch.name, ": blocks of ",
               launch.threads, " threads, which must be whole warps and at most 1024");
  fizzy::check(launch.cluster >= 1 && launch.cluster <= CLUSTER_BLOCKS_MAX && launch.grid.y % launch.cluster == 0, launch.name, ": clusters of ",
               launch.cluster, " of ", launch.grid.y, " blocks");
  fizzy::check(launch.shared_bytes <= SHARED_BYTES, launch.name, ": ", launch.shared_bytes, " bytes of shared memory");
  if (cluster == nullptr) {
    static thread_local std::unique_ptr<Cluster> owner = std::make_unique<Cluster>();
    cluster = owner.get();
  }
  shadow_launch();
  cluster->random.seed(lane_order);
  int64_t count = int64_t{launch.grid.x} * launch.grid.y * launch.grid.z / launch.cluster;
  for (int64_t i = 0; i < count; i++) {
    run_cluster(launch, lane_order == 1 ? count - 1 - i : i);
    if (!cluster->fault.empty()) {
      std::string sentence;
      sentence.swap(cluster->fault);
      throw std::runtime_error(sentence);
    }
  }
}

using Submit = void (*)(void* stream, void (*run)(void*), void (*drop)(void*), void* work);
Submit submit_to = nullptr;

}  // namespace

void fault(const std::string& what) {
  cluster->fault = where() + ": " + what;
  void* nowhere;
  switch_fiber(&nowhere, cluster->scheduler);
  __builtin_unreachable();
}

void submit(void* stream, Launch launch) {
  if (submit_to == nullptr) return run(launch);
  submit_to(stream, [](void* work) { run(*static_cast<Launch*>(work)); }, [](void* work) { delete static_cast<Launch*>(work); },
            new Launch(std::move(launch)));
}

namespace {
constexpr size_t SHARED_WITHOUT_OPT_IN = 48 << 10, SHARED_AT_MOST = 99 << 10;  // sm_86, sm_89, sm_120
std::mutex shared_lock;
std::map<const void*, size_t> shared_allowed;
}  // namespace

int allow_shared(const void* kernel, int bytes) {
  if (bytes < 0 || static_cast<size_t>(bytes) > SHARED_AT_MOST) return 1;  // cudaErrorInvalidValue
  std::lock_guard<std::mutex> hold(shared_lock);
  shared_allowed[kernel] = bytes;
  return 0;
}

void check_shared(const char* name, const void* kernel, size_t bytes) {
  if (bytes <= SHARED_WITHOUT_OPT_IN) return;
  std::lock_guard<std::mutex> hold(shared_lock);
  fizzy::check(bytes <= shared_allowed[kernel], name, ": ", bytes, " bytes of shared memory were not allowed by cudaFuncSetAttribute");
}

bool has_clusters() { return clusters; }

void misaligned(const void* address, size_t bytes) {
  fault("an access of " + std::to_string(bytes) + " bytes at an address that leaves " +
        std::to_string(reinterpret_cast<uintptr_t>(address) % bytes));
}

dim3 thread_index() { return dim3(cluster->lane->thread); }
dim3 block_index() { return cluster->mine().index; }
dim3 block_size() { return dim3(cluster->launch->threads); }
dim3 grid_size() { return cluster->launch->grid; }
char* dynamic_shared() { return cluster->mine().shared; }
int lane_of_warp() { return cluster->lane->number % WARP_LANES; }

namespace {

// Beyond a barrier of a block: its lanes that waited there go on.
void pass(int rank, State waiting) {
  int threads = cluster->launch->threads;
  cluster->blocks[rank].epoch++;
  for (int i = rank * threads; i < (rank + 1) * threads; i++) {
    if (i % WARP_LANES == 0) cluster->warps[i / WARP_LANES].epoch++;
    if (cluster->all[i].state == waiting) cluster->all[i].state = State::READY;
  }
}

}  // namespace

void barrier() {
  Block& block = cluster->mine();
  if (++block.at_barrier < cluster->launch->threads) {
    left_without();
    return wait(State::AT_BARRIER);
  }
  block.at_barrier = 0;
  pass(cluster->lane->rank, State::AT_BARRIER);
}

void cluster_barrier() {
  if (++cluster->at_barrier < cluster->lanes) {
    left_without();
    return wait(State::AT_CLUSTER);
  }
  cluster->at_barrier = 0;
  cluster->epoch++;
  for (int rank = 0; rank < cluster->launch->cluster; rank++) pass(rank, State::AT_CLUSTER);
}

const void* of_block(const void* shared, unsigned rank) {
  auto offset = static_cast<const char*>(shared) - cluster->mine().shared;
  if (offset < 0 || static_cast<size_t>(offset) >= cluster->launch->shared_bytes || rank >= static_cast<unsigned>(cluster->launch->cluster))
    fault("an address in the shared memory of block " + std::to_string(rank) + " of " + std::to_string(cluster->launch->cluster) +
          " of the cluster, from one outside the shared memory");
  return cluster->blocks[rank].shared + offset;
}

// ---- warp operations -------------------------------------------------------------------------------------------------------------

namespace {

Warp& my_warp() { return cluster->warps[cluster->lane->number / WARP_LANES]; }

// The buffer for this lane's data; all lanes must call the same operation.
int bring(const char* operation) {
  Warp& w = my_warp();
  if (w.arrived > 0 && w.operation != operation && std::strcmp(w.operation, operation) != 0)
    fault(std::string("calls ") + operation + " while lanes of its warp wait at " + w.operation);
  w.operation = operation;
  return w.turn & 1;
}

// Waits for the other lanes; `last` runs once, when all have arrived.
template <typename Last>
void meet(Last last) {
  Warp& w = my_warp();
  if (++w.arrived < WARP_LANES) return wait(State::AT_WARP);
  w.arrived = 0;
  last(w);
  w.turn++;
  int first = cluster->lane->number / WARP_LANES * WARP_LANES;
  for (int i = first; i < first + WARP_LANES; i++)
    if (cluster->all[i].state == State::AT_WARP) cluster->all[i].state = State::READY;
}

float bf16_to_float(uint32_t bits) {
  bits <<= 16;
  float f;
  std::memcpy(&f, &bits, 4);
  return f;
}

// PTX ISA, "Matrix fragments for mma.m16n8k16 with .bf16": lane l has g = l/4, t = l%4;
// a0: row g, columns 2t, 2t+1; a1: row g+8; a2: row g, columns 2t+8, 2t+9; a3: row g+8 of those; b0: rows 2t, 2t+1 of column g;
// b1: rows 2t+8, 2t+9; c0, c1: row g, columns 2t, 2t+1; c2, c3: row g+8.
void multiply(Warp& w) {
  float a[16][16], b[16][8], c[16][8];
  int turn = w.turn & 1;
  for (int l = 0; l < WARP_LANES; l++) {
    int g = l / 4, t = l % 4;
    auto& f = w.fragments[turn][l];
    for (int i = 0; i < 4; i++)
      for (int k = 0; k < 2; k++) a[g + i % 2 * 8][2 * t + i / 2 * 8 + k] = bf16_to_float(f.a[i] >> 16 * k);
    for (int i = 0; i < 2; i++)
      for (int k = 0; k < 2; k++) b[2 * t + 8 * i + k][g] = bf16_to_float(f.b[i] >> 16 * k);
    for (int i = 0; i < 4; i++) c[g + i / 2 * 8][2 * t + i % 2] = f.c[i];
  }
  for (int r = 0; r < 16; r++)
    for (int k = 0; k < 16; k++)
      for (int n = 0; n < 8; n++) c[r][n] += a[r][k] * b[k][n];
  for (int l = 0; l < WARP_LANES; l++)
    for (int i = 0; i < 4; i++) w.d[turn][l][i] = c[l / 4 + i / 2 * 8][2 * (l % 4) + i % 2];
}

}  // namespace

void warp_barrier() {
  bring("__syncwarp");
  meet([](Warp& w) { w.epoch++; });
}

const uint32_t* exchange(const char* operation, uint32_t word) {
  int turn = bring(operation);
  Warp& w = my_warp();
  w.words[turn][lane_of_warp()] = word;
  meet([](Warp&) {});
  return w.words[turn];
}

const uint64_t* exchange(const char* operation, uint64_t word) {
  int turn = bring(operation);
  Warp& w = my_warp();
  w.wide[turn][lane_of_warp()] = word;
  meet([](Warp&) {});
  return w.wide[turn];
}

void whole_warp(unsigned mask) {
  if (mask != WHOLE_WARP) fault("a warp operation with a partial mask");
}

void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const float (&c)[4]) {
  int turn = bring("mma.bf16");
  Warp& w = my_warp();
  auto& mine = w.fragments[turn][lane_of_warp()];
  std::memcpy(mine.a, a, sizeof a);
  std::memcpy(mine.b, b, sizeof b);
  std::memcpy(mine.c, c, sizeof c);
  meet(multiply);
  std::memcpy(d, w.d[turn][lane_of_warp()], sizeof d);
}

// PTX ISA, ldmatrix: lane l receives columns 2(l%4), 2(l%4)+1 of row l/4; transposed, rows 2(l%4), 2(l%4)+1 of column l/4.
void load_matrix(uint32_t* registers, int matrices, bool transposed, const void* row) {
  int turn = bring(transposed ? "ldmatrix.trans" : "ldmatrix"), lane = lane_of_warp();
  Warp& w = my_warp();
  auto mine = static_cast<const char*>(row);
  if (lane < 8 * matrices) {
    if (reinterpret_cast<uintptr_t>(mine) % 16 != 0) fault("ldmatrix from an address that is not a multiple of 16");
    if (mine < dynamic_shared() || mine + 16 > dynamic_shared() + cluster->launch->shared_bytes)
      fault("ldmatrix from outside the shared memory");
    shadow_access(mine, 16, false);
  }
  w.rows[turn][lane] = mine;
  meet([](Warp&) {});
  for (int m = 0; m < matrices; m++) {
    const char* const* rows = w.rows[turn] + 8 * m;
    if (!transposed) {
      std::memcpy(&registers[m], rows[lane / 4] + lane % 4 * 4, 4);
    } else {
      uint16_t low, high;
      std::memcpy(&low, rows[lane % 4 * 2] + lane / 4 * 2, 2);
      std::memcpy(&high, rows[lane % 4 * 2 + 1] + lane / 4 * 2, 2);
      registers[m] = low | uint32_t{high} << 16;
    }
  }
}

// ---- asynchronous copies, atomics --------------------------------------------------------------------------------------------------

void copy_async(void* shared, const void* global, bool present) {
  auto to = static_cast<char*>(shared);
  if (reinterpret_cast<uintptr_t>(to) % 16 != 0 || (present && reinterpret_cast<uintptr_t>(global) % 16 != 0))
    fault("cp.async between addresses that are not multiples of 16");
  if (to < dynamic_shared() || to + 16 > dynamic_shared() + cluster->launch->shared_bytes) fault("cp.async to outside the shared memory");
  if (present) shadow_access(global, 16, false);
  shadow_async(to, 16);
  std::memset(to, 0xff, 16);
  cluster->lane->copies.push_back({to, static_cast<const char*>(global), present, cluster->lane->group});
}

void commit_async() { cluster->lane->group++; }

void wait_async(int groups_left) {
  Lane& lane = *cluster->lane;
  auto lands = [&](const AsyncCopy& c) { return c.group < lane.group - groups_left; };
  for (const AsyncCopy& c : lane.copies) {
    if (!lands(c)) continue;
    shadow_async_lands(c.to, 16);
    if (c.present) std::memcpy(c.to, c.from, 16);
    else std::memset(c.to, 0, 16);
  }
  lane.copies.erase(std::remove_if(lane.copies.begin(), lane.copies.end(), lands), lane.copies.end());
}

}  // namespace simt

// Receives launches instead of running them at once: the stand-in runtime's streams and graphs.
extern "C" __attribute__((visibility("default"))) void fizzy_simt_submit_to(simt::Submit submit) { simt::submit_to = submit; }
// Order of lanes and blocks of later launches: 0 ascending, 1 descending, other values are the seed of a shuffle.
extern "C" __attribute__((visibility("default"))) void fizzy_simt_lane_order(int order) { simt::lane_order = order; }
// Whether the emulated GPU has clusters of blocks.
extern "C" __attribute__((visibility("default"))) void fizzy_simt_clusters(bool has) { simt::clusters = has; }
