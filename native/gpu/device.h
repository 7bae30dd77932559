// The backend of a GPU for callers whose tensors lie in host memory: before a call it copies what the call points to onto the device, and
// afterwards the results back.
#pragma once
#include "fizzy/backend.h"

namespace gpu {

// Of the library at this path, libfizzy_cuda.so, on the first GPU. Throws what CUDA reports; the process then cannot use the GPU any more.
fizzy::Backend& device(const char* library);

}  // namespace gpu
