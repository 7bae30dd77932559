// Loads the backend of libfizzy_cuda.so at run time, so that Fizzy builds and runs on machines without CUDA.
#include <dlfcn.h>

#include "common/check.h"
#include "fizzy/cpu.h"

namespace fizzy {

Backend* cuda_backend(const char* library, void* stream) {
  void* handle = dlopen(library, RTLD_NOW);
  check(handle != nullptr, "cuda_backend: ", handle ? "" : dlerror());
  auto make = reinterpret_cast<Backend* (*)(void*)>(dlsym(handle, "fizzy_cuda_backend"));
  check(make != nullptr, "cuda_backend: ", library, " has no fizzy_cuda_backend");
  return make(stream);
}

void backend_free(Backend* backend) { delete backend; }

}  // namespace fizzy
