#include "gpu/blocks.h"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <new>

extern char __executable_start, end;  // of the linker

namespace gpu {
namespace {

constexpr size_t WINDOW = 4096;

// Memory of the table itself, which must not enter itself.
template <typename T>
struct Plain {
  using value_type = T;
  Plain() = default;
  template <typename U>
  Plain(const Plain<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(std::malloc(n * sizeof(T))); }
  void deallocate(T* p, size_t) { std::free(p); }
  bool operator==(const Plain&) const = default;
};

struct Table {
  std::mutex lock;
  std::map<uintptr_t, size_t, std::less<>, Plain<std::pair<const uintptr_t, size_t>>> sizes;
};

// Never destroyed, since static objects allocate until the end.
Table& table() {
  alignas(Table) static char memory[sizeof(Table)];
  static Table& made = *new (memory) Table;
  return made;
}

uintptr_t end_of_stack() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  size_t bytes = 0;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &lowest, &bytes);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(lowest) + bytes;
}

// From the address to the end of [begin, end), at most a window.
Block window(uintptr_t address, uintptr_t begin, uintptr_t end) {
  if (address < begin || address >= end) return {};
  return {reinterpret_cast<char*>(address), std::min<size_t>(WINDOW, end - address), false};
}

}  // namespace

Block block_of(uintptr_t address) {
  {
    Table& t = table();
    std::lock_guard<std::mutex> hold(t.lock);
    auto next = t.sizes.upper_bound(address);
    if (next != t.sizes.begin()) {
      auto [begin, bytes] = *std::prev(next);
      if (address < begin + bytes) return {reinterpret_cast<char*>(begin), bytes, true};
    }
  }
  static thread_local const uintptr_t stack = end_of_stack();
  Block found = window(address, reinterpret_cast<uintptr_t>(&found), stack);
  return found.bytes ? found : window(address, reinterpret_cast<uintptr_t>(&__executable_start), reinterpret_cast<uintptr_t>(&::end));
}

}  // namespace gpu

void* operator new(size_t bytes) {
  void* block = std::malloc(std::max<size_t>(bytes, 1));
  if (block == nullptr) throw std::bad_alloc();
  gpu::Table& t = gpu::table();
  std::lock_guard<std::mutex> hold(t.lock);
  t.sizes[reinterpret_cast<uintptr_t>(block)] = bytes;
  return block;
}
void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  {
    gpu::Table& t = gpu::table();
    std::lock_guard<std::mutex> hold(t.lock);
    t.sizes.erase(reinterpret_cast<uintptr_t>(block));
  }
  std::free(block);
}
void operator delete(void* block, size_t) noexcept { operator delete(block); }
