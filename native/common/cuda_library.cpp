// The backend of libfizzy_cuda.so, which is found at run time: a machine without CUDA builds and runs without it.
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
