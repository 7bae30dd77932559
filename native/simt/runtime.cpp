// Fibers, barriers, warp operations and launches.
#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <stdexcept>

#include "common/check.h"
#include "simt/block.h"

namespace simt {

thread_local Block block;
int lane_order = 0;

namespace {

// Switches fibers: saves the callee-saved registers and the stack pointer and loads the other fiber's (System V ABI of x86-64).
asm(R"(
.text
.globl fizzy_simt_switch
.hidden fizzy_simt_switch
.type fizzy_simt_switch, @function
fizzy_simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size fizzy_simt_switch, .-fizzy_simt_switch
)");
extern "C" void fizzy_simt_switch(void** save, void* take) __attribute__((visibility("hidden")));

void wait(State state) {
  block.lane->state = state;
  fizzy_simt_switch(&block.lane->stack, block.scheduler);
}

void left_without() {
  if (block.at_barrier > 0 && block.at_barrier + block.done == block.lanes)
    fault("some lanes have left the kernel while " + std::to_string(block.at_barrier) + " wait at __syncthreads");
}

void lane_main() {
  block.launch->lane(block.launch->given.get());
  Lane& lane = *block.lane;
  if (!lane.copies.empty()) fault("the lane ends with a pending asynchronous copy");
  lane.state = State::DONE;
  block.done++;
  left_without();
  void* nowhere;
  fizzy_simt_switch(&nowhere, block.scheduler);
}

char* new_pages(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

char* new_stack() {
  if (!block.free_stacks.empty()) {
    char* stack = block.free_stacks.back();
    block.free_stacks.pop_back();
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
  for (int i = 0; i < 6; i++) *--top = nullptr;
  lane.stack = top;
}

void resume(Lane& lane) {
  if (lane.bottom == nullptr) start(lane);
  block.lane = &lane;
  fizzy_simt_switch(&block.scheduler, lane.stack);
  block.lane = nullptr;
  if (lane.state == State::DONE) block.free_stacks.push_back(lane.bottom), lane.bottom = nullptr;
}

std::string where() {
  const Launch& l = *block.launch;
  std::string text = std::string("simt: ") + l.name + ", block " + std::to_string(block.index.x) + "," + std::to_string(block.index.y) + "," +
                     std::to_string(block.index.z);
  if (block.lane) text += ", lane " + std::to_string(block.lane->number);
  return text;
}

void schedule() {
  while (block.done < block.lanes) {
    bool moved = false;
    for (int i : block.order) {
      if (block.all[i].state != State::READY) continue;
      resume(block.all[i]);
      moved = true;
      if (!block.fault.empty()) return;
    }
    if (!moved) {
      int warp = std::count_if(block.all.begin(), block.all.end(), [](const Lane& l) { return l.state == State::AT_WARP; });
      block.fault = where() + ": deadlock, since " + std::to_string(block.at_barrier) + " wait at __syncthreads, " + std::to_string(warp) +
                    " at a warp operation, " + std::to_string(block.done) + " have left";
      return;
    }
  }
}

void run_block(const Launch& launch, int64_t serial) {
  block.launch = &launch;
  block.serial = serial;
  block.index = dim3(serial % launch.grid.x, serial / launch.grid.x % launch.grid.y, serial / launch.grid.x / launch.grid.y);
  block.lanes = launch.threads;
  block.done = block.at_barrier = 0;
  block.epoch = 0;
  block.all.resize(launch.threads);
  for (int i = 0; i < launch.threads; i++) {
    Lane& lane = block.all[i];
    lane.state = State::READY, lane.number = i, lane.bottom = nullptr, lane.group = 0;
    lane.copies.clear();
  }
  block.warps.resize(launch.threads / WARP_LANES);
  for (Warp& w : block.warps) w.arrived = 0, w.turn = 0, w.epoch = 0;
  block.order.resize(launch.threads);
  std::iota(block.order.begin(), block.order.end(), 0);
  if (lane_order == 1) std::reverse(block.order.begin(), block.order.end());
  if (lane_order > 1) std::shuffle(block.order.begin(), block.order.end(), block.random);
  if (block.shared_begin == nullptr) block.shared_begin = new_pages(SHARED_BYTES);
  std::memset(block.shared_begin, 0xff, launch.shared_bytes);  // NaN, as f32 and as bf16
  shadow_block();
  schedule();
  if (block.fault.empty()) return;
  for (Lane& lane : block.all)
    if (lane.bottom) block.free_stacks.push_back(lane.bottom), lane.bottom = nullptr;
}

void run(const Launch& launch) {
  fizzy::check(launch.threads > 0 && launch.threads <= BLOCK_LANES_MAX && launch.threads % WARP_LANES == 0, launch.name, ": blocks of ",
               launch.threads, " threads, which must be whole warps and at most 1024");
  fizzy::check(launch.shared_bytes <= SHARED_BYTES, launch.name, ": ", launch.shared_bytes, " bytes of shared memory");
  shadow_launch();
  block.random.seed(lane_order);
  int64_t count = int64_t{launch.grid.x} * launch.grid.y * launch.grid.z;
  for (int64_t i = 0; i < count; i++) {
    run_block(launch, lane_order == 1 ? count - 1 - i : i);
    if (!block.fault.empty()) {
      std::string sentence;
      sentence.swap(block.fault);
      throw std::runtime_error(sentence);
    }
  }
}

using Submit = void (*)(void* stream, void (*run)(void*), void (*drop)(void*), void* work);
Submit submit_to = nullptr;

}  // namespace

void fault(const std::string& what) {
  block.fault = where() + ": " + what;
  void* nowhere;
  fizzy_simt_switch(&nowhere, block.scheduler);
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

void misaligned(const void* address, size_t bytes) {
  fault("an access of " + std::to_string(bytes) + " bytes at an address that leaves " +
        std::to_string(reinterpret_cast<uintptr_t>(address) % bytes));
}

dim3 thread_index() { return dim3(block.lane->number); }
dim3 block_index() { return block.index; }
dim3 block_size() { return dim3(block.lanes); }
dim3 grid_size() { return block.launch->grid; }
char* dynamic_shared() { return block.shared_begin; }
int lane_of_warp() { return block.lane->number % WARP_LANES; }

void barrier() {
  block.at_barrier++;
  if (block.at_barrier < block.lanes) {
    left_without();
    return wait(State::AT_BARRIER);
  }
  block.at_barrier = 0;
  block.epoch++;
  for (Warp& w : block.warps) w.epoch++;
  for (Lane& l : block.all)
    if (l.state == State::AT_BARRIER) l.state = State::READY;
}

// ---- warp operations -------------------------------------------------------------------------------------------------------------

namespace {

Warp& my_warp() { return block.warps[block.lane->number / WARP_LANES]; }

// The buffer for this lane's data; all lanes must call the same operation.
int bring(const char* operation) {
  Warp& w = my_warp();
  if (w.arrived > 0 && std::strcmp(w.operation, operation) != 0)
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
  int first = block.lane->number / WARP_LANES * WARP_LANES;
  for (int i = first; i < first + WARP_LANES; i++)
    if (block.all[i].state == State::AT_WARP) block.all[i].state = State::READY;
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
    if (mine < block.shared_begin || mine + 16 > block.shared_begin + block.launch->shared_bytes)
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
  if (to < block.shared_begin || to + 16 > block.shared_begin + block.launch->shared_bytes) fault("cp.async to outside the shared memory");
  if (present) shadow_access(global, 16, false);
  shadow_async(to, 16);
  std::memset(to, 0xff, 16);
  block.lane->copies.push_back({to, static_cast<const char*>(global), present, block.lane->group});
}

void commit_async() { block.lane->group++; }

void wait_async(int groups_left) {
  Lane& lane = *block.lane;
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
