// libfizzy_cuda.so for tests: the CUDA kernels run by the emulator, with launches on the stand-in's streams.
#include <stdexcept>
#include <string>

#include "simt/standin/standin.h"

extern "C" void fizzy_simt_submit_to(void (*submit)(void* stream, void (*run)(void*), void (*drop)(void*), void* work));

namespace {

void submit(void* stream, void (*run)(void*), void (*drop)(void*), void* work) {
  if (int error = fizzy_standin_submit(stream, run, drop, work)) throw std::runtime_error("launch: error " + std::to_string(error));
}

struct Connect {
  Connect() { fizzy_simt_submit_to(submit); }
} connect;

}  // namespace
