#include "simt/memory.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace simt {
namespace {

constexpr size_t ARENA_BYTES = size_t{8} << 30;  // of address space, not of memory
constexpr size_t RED_ZONE = 64;
constexpr int CLASSES = 48;

struct Header {
  size_t bytes;
  int size_class;
};

// Free lists of blocks whose sizes are powers of two: a freed block goes to the end of its list, so that it is not reused at once.
struct Arena {
  char* begin = nullptr;
  Cell* shadow = nullptr;
  size_t used = 0;
  void* first[CLASSES] = {};
  void** last[CLASSES] = {};
  std::atomic_flag busy = ATOMIC_FLAG_INIT;

  static void* map(size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      std::fprintf(stderr, "simt: cannot reserve %zu bytes of address space\n", bytes);
      std::abort();
    }
    return memory;
  }
  void* take(int size_class) {
    while (busy.test_and_set(std::memory_order_acquire)) {
    }
    if (begin == nullptr) {
      begin = static_cast<char*>(map(ARENA_BYTES));
      shadow = static_cast<Cell*>(map(ARENA_BYTES * sizeof(Cell)));
    }
    void* block = first[size_class];
    if (block != nullptr) {
      first[size_class] = *static_cast<void**>(block);
    } else if (used + (size_t{1} << size_class) <= ARENA_BYTES) {
      block = begin + used;
      used += size_t{1} << size_class;
    }
    busy.clear(std::memory_order_release);
    return block;
  }
  void give(void* block, int size_class) {
    while (busy.test_and_set(std::memory_order_acquire)) {
    }
    *static_cast<void**>(block) = nullptr;
    if (first[size_class] == nullptr) first[size_class] = block;
    else *last[size_class] = block;
    last[size_class] = static_cast<void**>(block);
    busy.clear(std::memory_order_release);
  }
};
Arena arena;

void mark(void* memory, size_t bytes, Memory state) {
  Cell* c = cells(memory);
  Cell value{};
  value.state = state;
  for (size_t i = 0; i < bytes; i++) c[i] = value;
}

// Allocations too large for an emulated kernel are host memory: the shadow does not cover them, and a kernel that accesses them fails.
constexpr size_t LARGEST = size_t{8} << 20;
constexpr int HOST = -1;

void* allocate(size_t bytes) {
  if (bytes > LARGEST) {
    void* block = std::aligned_alloc(RED_ZONE, (bytes + 2 * RED_ZONE - 1) / RED_ZONE * RED_ZONE);
    if (block == nullptr) throw std::bad_alloc();
    *static_cast<Header*>(block) = {bytes, HOST};
    return static_cast<char*>(block) + RED_ZONE;
  }
  int size_class = 8;
  while ((size_t{1} << size_class) < bytes + 2 * RED_ZONE) size_class++;
  void* block = size_class < CLASSES ? arena.take(size_class) : nullptr;
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<Header*>(block) = {bytes, size_class};
  char* memory = static_cast<char*>(block) + RED_ZONE;
  mark(memory, bytes, WRITTEN);  // writes of the host are not tracked
  return memory;
}

void release(void* memory) {
  if (memory == nullptr) return;
  void* block = static_cast<char*>(memory) - RED_ZONE;
  Header h = *static_cast<Header*>(block);
  if (h.size_class == HOST) return std::free(block);
  mark(memory, h.bytes, UNALLOCATED);
  arena.give(block, h.size_class);
}

}  // namespace

Cell* cells(const void* address) {
  size_t at = static_cast<const char*>(address) - arena.begin;
  return at < ARENA_BYTES && arena.begin ? arena.shadow + at : nullptr;
}

void uninitialized(void* memory, size_t bytes) {
  if (memory == nullptr || bytes == 0) return;
  std::memset(memory, 0xff, bytes);
  if (cells(memory)) mark(memory, bytes, UNWRITTEN);  // otherwise it is on the stack
}

}  // namespace simt

void* operator new(size_t bytes) { return simt::allocate(bytes); }
void* operator new[](size_t bytes) { return simt::allocate(bytes); }
void operator delete(void* p) noexcept { simt::release(p); }
void operator delete[](void* p) noexcept { simt::release(p); }
void operator delete(void* p, size_t) noexcept { simt::release(p); }
void operator delete[](void* p, size_t) noexcept { simt::release(p); }
