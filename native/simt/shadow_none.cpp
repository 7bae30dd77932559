// Empty checks, for the library that runs whole networks, whose kernels are not instrumented.
#include "simt/block.h"

namespace simt {
void shadow_launch() {}
void shadow_cluster() {}
void shadow_leave() {}
void shadow_access(const void*, size_t, bool) {}
void shadow_async(void*, size_t) {}
void shadow_async_lands(void*, size_t) {}
}  // namespace simt
