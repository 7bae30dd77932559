// kernel_test [KERNEL [ARGUMENT...]]: runs a kernel's test, kernels/<name>/test.cpp, or all. Called as test_<name>, it runs that one.
#include "common/testing.h"
#include "kernels/tests.h"

#define DECLARE_TEST(name) int test_##name();
FIZZY_TESTS(DECLARE_TEST)

namespace {

struct Test {
  const char* name;
  int (*run)();
};
#define LIST_TEST(name) {#name, test_##name},
constexpr Test ALL[] = {FIZZY_TESTS(LIST_TEST)};

}  // namespace

int main(int count, char** given) {
  using namespace fizzy::testing;
  std::string wanted = given[0];
  wanted.erase(0, wanted.rfind('/') + 1);
  int rest = 1;
  if (wanted.rfind("test_", 0) == 0) wanted.erase(0, 5);
  else wanted = count > 1 ? given[rest++] : "";
  arguments.assign(given + rest, given + count);
  bool found = false, failed = false;
  for (const Test& test : ALL) {
    if (!wanted.empty() && wanted != test.name) continue;
    found = true;
    failures = checks = 0;
    kernel_folder = std::string(FIZZY_KERNELS) + "/" + test.name;
    failed |= test.run() != 0;
  }
  if (!found) std::fprintf(stderr, "kernel_test: there is no kernel %s\n", wanted.c_str());
  return failed || !found;
}
