// kernel_tests LIBRARY FOLDER [KERNEL...]: the kernels' own tests (kernels/<name>/test.cpp) on the first GPU, or over the stand-ins. LIBRARY is
// libfizzy_cuda.so, FOLDER has <name>/shapes.txt. Prints one line a kernel. A failure of the GPU ends every later call of the process, so the
// kernels that are left are tested by a new one. With FIZZY_SMALL it leaves out large shapes: NVIDIA's checkers are slow.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "common/testing.h"
#include "gpu/device.h"
#include "gpu/tests.h"

#define DECLARE_TEST(name) int test_##name();
FIZZY_TESTS(DECLARE_TEST)

namespace {

const char* library;

struct Test {
  const char* name;
  int (*run)();
};
#define LIST_TEST(name) {#name, test_##name},
constexpr Test ALL[] = {FIZZY_TESTS(LIST_TEST)};

const char SOME_FAILED[] = "--some-failed";

// The rest of the tests, in place of this process.
[[noreturn]] void go_on(char** given, std::vector<const char*> names) {
  std::vector<char*> arguments(given, given + 3);
  for (const char* name : names) arguments.push_back(const_cast<char*>(name));
  arguments.push_back(const_cast<char*>(SOME_FAILED));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  execv("/proc/self/exe", arguments.data());
  std::perror("kernel_tests: starting again");
  _exit(1);
}

}  // namespace

int main(int count, char** given) {
  if (count < 3) {
    std::fprintf(stderr, "usage: kernel_tests LIBRARY FOLDER [KERNEL...]\n");
    return 2;
  }
  library = given[1];
  bool failed = false;
  std::vector<const char*> names;
  for (int i = 3; i < count; i++) {
    if (std::strcmp(given[i], SOME_FAILED) == 0) failed = true;
    else names.push_back(given[i]);
  }
  if (names.empty() && !failed)
    for (const Test& test : ALL) names.push_back(test.name);
  using namespace fizzy::testing;
  run_on_cuda = [](const Body& body) { body(gpu::device(library), "GPU"); };
  levels = false;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  for (size_t i = 0; i < names.size(); i++) {
    auto named = [&](const Test& test) { return std::strcmp(test.name, names[i]) == 0; };
    const Test* test = std::find_if(std::begin(ALL), std::end(ALL), named);
    if (test == std::end(ALL)) {
      std::fprintf(stderr, "kernel_tests: there is no kernel %s\n", names[i]);
      return 2;
    }
    failures = checks = 0;
    kernel_folder = std::string(given[2]) + "/" + names[i];
    try {
      large_on_cuda = !gpu::device(library).emulated() && std::getenv("FIZZY_SMALL") == nullptr;
      failed |= test->run() != 0;
    } catch (const std::exception& e) {
      std::printf("%s: FAILED, %s\n", names[i], e.what());
      go_on(given, {names.begin() + i + 1, names.end()});
    }
  }
  return failed;
}
