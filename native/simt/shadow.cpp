// Checks the memory accesses of kernels. Kernels are compiled with -fsanitize=thread, so that every access calls a hook; the hooks are
// defined here instead of in libtsan.
// Shared memory has one cell for two bytes: the last writer and reader, and the number of barriers before. If two lanes access the same
// cell, at least one of them writing, without __syncthreads (or, within a warp, __syncwarp) between them, that is a race, in whatever order
// they ran. Global memory has one cell per byte: bounds, whether it was written, and what another block, or another lane since the last
// barrier, wrote in the same launch. If a block overwrites what another has read, the check finds it when the blocks run in the other
// order.
#include <link.h>
#include <pthread.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "simt/block.h"
#include "simt/memory.h"

namespace simt {
namespace {

// Barriers before an access: of the cluster, of the lane's block and of its warp.
struct Epochs {
  int rank;  // of the block; SEVERAL for readers of several
  uint32_t cluster, block, warp;
};

struct Shared {
  int64_t cluster;     // serial number, over all launches, of the cluster that used it last; of any other: never written
  int writer, reader;  // lane, or a constant below
  Epochs write, read;
};
constexpr int NOBODY = -1, SEVERAL = -2, IN_FLIGHT = -3, ONE_WARP = -10;  // ONE_WARP - w: several lanes of warp w

int64_t clusters_run = 0;
uint16_t launches = 0;
std::vector<Shared> dynamic_cells, static_cells;
char *tls_begin = nullptr, *tls_end = nullptr;
const char *host_stack = nullptr, *host_stack_end = nullptr;  // tests have small arguments on the stack, so it counts as device memory
struct Segment {
  const char *begin, *end;
};
std::vector<Segment> constants;

// The program's thread-local storage, which holds static shared memory, and its segments, which hold constants.
int look_at_program(dl_phdr_info* info, size_t, void*) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    auto& h = info->dlpi_phdr[i];
    if (h.p_type == PT_LOAD) {
      auto begin = reinterpret_cast<const char*>(info->dlpi_addr + h.p_vaddr);
      constants.push_back({begin, begin + h.p_memsz});
    }
    if (h.p_type == PT_TLS && info->dlpi_tls_data) {
      tls_begin = static_cast<char*>(info->dlpi_tls_data);
      tls_end = tls_begin + h.p_memsz;
    }
  }
  return 1;  // the first entry is the program itself
}

const char* code = nullptr;  // address of the instruction being checked

// The address, and the code address in the form that addr2line -e takes.
std::string at(const void* address) {
  char text[96];
  std::snprintf(text, sizeof text, " at %p (code %#zx)", address, static_cast<size_t>(code - constants.front().begin));
  return text;
}
std::string access(size_t bytes, bool write) { return (write ? "write of " : "read of ") + std::to_string(bytes) + " bytes"; }

std::string who(int lane) {
  if (lane >= 0) return "lane " + std::to_string(lane);
  return lane <= ONE_WARP ? "lanes of warp " + std::to_string(ONE_WARP - lane) : "lanes of several warps";
}

Epochs now() {
  const Lane& lane = *cluster->lane;
  return {lane.rank, cluster->epoch, cluster->mine().epoch, cluster->warps[lane.number / WARP_LANES].epoch};
}

// Whether a barrier of the block, or of the cluster for lanes of other blocks, lies between.
bool barrier_between(const Epochs& then, const Epochs& now) {
  return then.rank == now.rank ? then.block != now.block : then.cluster != now.cluster;
}

// Whether this lane, or another of its warp, has read the cell since the last barrier; then it has already been checked.
bool read_before(const Shared& s, const Epochs& now) {
  int lane = cluster->lane->number, warp = lane / WARP_LANES;
  return s.cluster == clusters_run && !barrier_between(s.read, now) && s.read.warp == now.warp &&
         (s.reader == lane || s.reader == ONE_WARP - warp) && s.writer != IN_FLIGHT;
}

void check_shared(Shared& s, const Epochs& here, const void* address, size_t bytes, bool write) {
  if (!write && read_before(s, here)) return;
  const int lane = cluster->lane->number, warp = lane / WARP_LANES;
  if (s.cluster != clusters_run) s = {clusters_run, NOBODY, NOBODY, {}, {}};
  if (s.writer == IN_FLIGHT) fault("shared memory: " + access(bytes, write) + at(address) + " before an asynchronous copy has completed");
  if (!write && s.writer == NOBODY) fault("shared memory: " + access(bytes, write) + at(address) + " that was never written");
  auto ordered = [&](int other, const Epochs& then) {
    if (other == NOBODY || other == lane || barrier_between(then, here)) return true;
    int warp_of = other >= 0 ? other / WARP_LANES : ONE_WARP - other;
    return warp_of == warp && then.warp != here.warp;
  };
  if (!ordered(s.writer, s.write))
    fault("shared memory: race, " + access(bytes, write) + at(address) + " that " + who(s.writer) + " wrote, with no barrier between");
  if (write && !ordered(s.reader, s.read))
    fault("shared memory: race, " + access(bytes, write) + at(address) + " that " + who(s.reader) + " read, with no barrier between");
  if (write) {
    s.writer = lane, s.write = here;
  } else {
    bool alone = s.reader == NOBODY || s.reader == lane || barrier_between(s.read, here);
    int before = s.reader >= 0 ? s.reader / WARP_LANES : ONE_WARP - s.reader, rank = s.read.rank;
    s.reader = alone ? lane : before == warp ? ONE_WARP - warp : SEVERAL;
    s.read = here;
    if (!alone && rank != here.rank) s.read.rank = SEVERAL;
  }
}

void check_global(Cell* c, const void* address, size_t bytes, bool write) {
  Cell mine{};
  mine.state = WRITTEN, mine.lane = cluster->lane->thread, mine.epoch = cluster->mine().epoch, mine.block = cluster->mine().serial,
  mine.launch = launches;
  Cell checked{};
  for (size_t i = 0; i < bytes; i++) {
    if (i == 0 || std::memcmp(&c[i], &checked, sizeof checked) != 0) {  // the bytes of a word mostly have equal cells
      checked = c[i];
      if (checked.state == UNALLOCATED) fault("global memory: " + access(bytes, write) + at(address) + " out of bounds");
      if (checked.state == UNWRITTEN && !write) fault("global memory: " + access(bytes, write) + at(address) + " that was never written");
      if (checked.launch == launches && (checked.block != mine.block || (checked.lane != mine.lane && checked.epoch == mine.epoch)))
        fault("global memory: race, " + access(bytes, write) + at(address) + " that block " + std::to_string(checked.block) + ", lane " +
              std::to_string(checked.lane) + " writes in this launch");
    }
    if (write) c[i] = mine;
  }
}

void access_hook(const void* address, size_t bytes, bool write, const void* from) {
  if (cluster == nullptr || cluster->lane == nullptr) return;  // called by the host
  if (static_cast<size_t>(static_cast<const char*>(address) - cluster->lane->bottom) < STACK_BYTES) return;
  code = static_cast<const char*>(from);
  shadow_access(address, bytes, write);
}

size_t cells_of_block() { return (cluster->launch->shared_bytes + 16) / 2; }

// The cells of shared memory at an address; null elsewhere.
Shared* shared_cells(const void* address, size_t bytes) {
  auto p = static_cast<const char*>(address);
  const int blocks = cluster->launch->cluster;
  const size_t used = cluster->launch->shared_bytes;
  if (p >= cluster->shared_begin && p < cluster->shared_begin + blocks * SHARED_BYTES) {
    int rank = (p - cluster->shared_begin) / SHARED_BYTES;
    size_t offset = (p - cluster->shared_begin) % SHARED_BYTES;
    if (offset + bytes > used) fault("shared memory: access" + at(address) + " past its end");
    if (cluster->blocks[rank].done == cluster->launch->threads) fault("shared memory: access" + at(address) + " of a block that has left");
    return &dynamic_cells[rank * cells_of_block() + offset / 2];
  }
  if (p >= tls_begin && p < tls_end) {
    if (blocks > 1) fault("shared memory: access" + at(address) + ", static in a cluster, which is not emulated");
    return &static_cells[(p - tls_begin) / 2];
  }
  return nullptr;
}

size_t cells_of(const void* address, size_t bytes) {
  auto p = reinterpret_cast<uintptr_t>(address);
  return (p + bytes + 1) / 2 - p / 2;
}

}  // namespace

void shadow_launch() {
  if (host_stack == nullptr) {
    dl_iterate_phdr(look_at_program, nullptr);
    pthread_attr_t attributes;
    void* begin;
    size_t bytes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &begin, &bytes);
    pthread_attr_destroy(&attributes);
    host_stack = static_cast<char*>(begin), host_stack_end = host_stack + bytes;
  }
  if (++launches == 0) launches = 1;
}

void shadow_cluster() {
  clusters_run++;
  dynamic_cells.resize(cluster->launch->cluster * cells_of_block());
  static_cells.resize((tls_end - tls_begin) / 2 + 8);
}

// Another block may read a block's shared memory only before a barrier of the cluster that the block waits for.
void shadow_leave() {
  const int rank = cluster->lane->rank;
  for (size_t i = rank * cells_of_block(); cluster->launch->cluster > 1 && i < (rank + 1) * cells_of_block(); i++) {
    const Shared& s = dynamic_cells[i];
    if (s.cluster == clusters_run && s.reader != NOBODY && s.read.rank != rank && s.read.cluster == cluster->epoch)
      fault("shared memory: the block leaves, and another block has read it since the cluster's last barrier");
  }
}

void shadow_access(const void* address, size_t bytes, bool write) {
  if (Shared* s = shared_cells(address, bytes)) {
    const Epochs here = now();
    for (size_t i = 0, n = cells_of(address, bytes); i < n; i++) check_shared(s[i], here, address, bytes, write);
    return;
  }
  if (Cell* c = cells(address)) return check_global(c, address, bytes, write);
  if (address >= host_stack && address < host_stack_end) return;
  for (auto& segment : constants)
    if (!write && address >= segment.begin && address < segment.end) return;
  fault("not device memory: " + access(bytes, write) + at(address));
}

void shadow_async(void* shared, size_t bytes) {
  shadow_access(shared, bytes, true);
  Shared* s = shared_cells(shared, bytes);
  for (size_t i = 0; i < bytes / 2; i++) s[i].writer = IN_FLIGHT;
}

void shadow_async_lands(void* shared, size_t bytes) {
  Shared* s = shared_cells(shared, bytes);
  for (size_t i = 0; i < bytes / 2; i++) s[i].writer = NOBODY;
  shadow_access(shared, bytes, true);
}

}  // namespace simt

#define HOOK(name, bytes, write) \
  extern "C" void name(void* address) { simt::access_hook(address, bytes, write, __builtin_return_address(0)); }
HOOK(__tsan_read1, 1, false)
HOOK(__tsan_read2, 2, false)
HOOK(__tsan_read4, 4, false)
HOOK(__tsan_read8, 8, false)
HOOK(__tsan_read16, 16, false)
HOOK(__tsan_write1, 1, true)
HOOK(__tsan_write2, 2, true)
HOOK(__tsan_write4, 4, true)
HOOK(__tsan_write8, 8, true)
HOOK(__tsan_write16, 16, true)
HOOK(__tsan_unaligned_read2, 2, false)
HOOK(__tsan_unaligned_read4, 4, false)
HOOK(__tsan_unaligned_read8, 8, false)
HOOK(__tsan_unaligned_read16, 16, false)
HOOK(__tsan_unaligned_write2, 2, true)
HOOK(__tsan_unaligned_write4, 4, true)
HOOK(__tsan_unaligned_write8, 8, true)
HOOK(__tsan_unaligned_write16, 16, true)
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void**, void*) {}
extern "C" void __tsan_vptr_read(void**) {}
extern "C" void __tsan_read_range(void* address, size_t bytes) { simt::access_hook(address, bytes, false, __builtin_return_address(0)); }
extern "C" void __tsan_write_range(void* address, size_t bytes) { simt::access_hook(address, bytes, true, __builtin_return_address(0)); }
// Reference counts of strings in launchers.
extern "C" uint32_t __tsan_atomic32_fetch_add(volatile uint32_t* address, uint32_t value, int) {
  return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
}
