// Memory of the stand-in for libcudart.so.13. Freed memory reads as NaN, and its address is not reused.
#include <cstring>

#include "simt/standin/cudart.h"

namespace standin {
namespace {

std::map<int, size_t> used;

size_t memory_of_a_device() {
  static const size_t bytes = setting("FIZZY_STANDIN_MEMORY", 4L << 30);
  return bytes;
}

const Block* block_of(const void* p, size_t bytes) {
  auto address = static_cast<const char*>(p);
  auto next = blocks.upper_bound(address);
  if (next == blocks.begin()) return nullptr;
  --next;
  return address + bytes <= next->first + next->second.bytes ? &next->second : nullptr;
}

int allocate(void** p, size_t bytes, int where, const char* call) {
  if (int refused = refused_in_capture(call)) return refused;
  std::lock_guard<std::recursive_mutex> hold(state);
  if (where >= 0) {
    if (used[where] + bytes > memory_of_a_device()) return last_error = OUT_OF_MEMORY;
    used[where] += bytes;
  }
  char* block = static_cast<char*>(std::aligned_alloc(512, (bytes + 511) / 512 * 512 + 512));
  if (block == nullptr) return last_error = OUT_OF_MEMORY;
  std::memset(block, 0xff, bytes);
  blocks[block] = {bytes, where};
  counters[ALLOCATIONS]++;
  *p = block;
  return SUCCESS;
}

int release(void* p, bool host, const char* call) {
  if (p == nullptr) return SUCCESS;
  if (captures > 0) return refused_in_capture(call);
  drain_device();
  std::lock_guard<std::recursive_mutex> hold(state);
  auto found = blocks.find(static_cast<char*>(p));
  if (found == blocks.end() || (found->second.device < 0) != host) return fail(INVALID_VALUE, call, "no such block, or already freed");
  std::memset(p, 0xff, found->second.bytes);
  if (!host) used[found->second.device] -= found->second.bytes;
  blocks.erase(found);
  return lost[device];
}

}  // namespace
}  // namespace standin

using namespace standin;

extern "C" {

bool fizzy_standin_on_device(const void* p, size_t bytes, void* stream) {
  std::lock_guard<std::recursive_mutex> hold(state);
  const Block* block = block_of(p, bytes);
  Stream* s = known(stream);
  return block && s && block->device == s->device;
}

int cudaMemGetInfo(size_t* free, size_t* total) {
  std::lock_guard<std::recursive_mutex> hold(state);
  *total = memory_of_a_device();
  *free = *total - used[device];
  return lost[device];
}
int cudaMalloc(void** p, size_t bytes) { return allocate(p, bytes, device, "cudaMalloc"); }
int cudaFree(void* p) { return release(p, false, "cudaFree"); }
int cudaHostAlloc(void** p, size_t bytes, unsigned) { return allocate(p, bytes, -1, "cudaHostAlloc"); }
int cudaFreeHost(void* p) { return release(p, true, "cudaFreeHost"); }
int cudaMemcpyAsync(void* to, const void* from, size_t bytes, int kind, void* stream) {
  {
    std::lock_guard<std::recursive_mutex> hold(state);
    const Block *a = block_of(to, bytes), *b = block_of(from, bytes);
    if (!a || !b) return fail(INVALID_VALUE, "cudaMemcpyAsync", "an address outside device and pinned memory");
    if ((a->device < 0) != (kind == 2) || (b->device < 0) != (kind == 1) || kind < 1 || kind > 3)
      return fail(INVALID_VALUE, "cudaMemcpyAsync", "the direction does not match the addresses");
    Stream* s = known(stream);
    if (s && ((a->device >= 0 && a->device != s->device) || (b->device >= 0 && b->device != s->device)))
      return fail(INVALID_VALUE, "cudaMemcpyAsync", "memory of a device other than the stream's");
  }
  return submit(stream, [=] { std::memcpy(to, from, bytes); });
}
int cudaMemsetAsync(void* p, int value, size_t bytes, void* stream) {
  if (!fizzy_standin_on_device(p, bytes, stream)) return fail(INVALID_VALUE, "cudaMemsetAsync", "an address outside device memory");
  return submit(stream, [=] { std::memset(p, value, bytes); });
}

}  // extern "C"
