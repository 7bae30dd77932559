// Memory for arenas and parameters: large, aligned, on huge pages if the system grants them.
#include <sys/mman.h>

#include <cstdlib>

#include "common/check.h"
#include "fizzy/cpu.h"

namespace fizzy {

constexpr size_t HUGE_PAGE = size_t{2} << 20;

void* memory_allocate(size_t bytes) {
  size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : 64;
  size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  check(memory != nullptr, "cannot allocate ", bytes, " bytes");
  if (rounded >= HUGE_PAGE) madvise(memory, rounded, MADV_HUGEPAGE);  // only a hint; failure is harmless
  return memory;
}

void memory_free(void* memory) { std::free(memory); }

}  // namespace fizzy
