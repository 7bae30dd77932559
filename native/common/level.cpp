#include "common/level.h"

#include <omp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "common/check.h"
#include "fizzy/cpu.h"

namespace fizzy {

namespace wide { [[gnu::weak]] void add(const Backend::Add& call); }

namespace {

// Linux grants a process the 8 KiB of tile state only on request.
bool tiles_granted() {
  constexpr long ARCH_REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18;
  static const bool granted =
      __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA) == 0;
  return granted;
}

Level detect() {
  __builtin_cpu_init();
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512dq");
  if (avx512 && __builtin_cpu_supports("avx512bf16")) return tiles_granted() ? AMX : AVX512_BF16;
  if (avx512) return AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return AVX2;
  return REFERENCE;
}

std::atomic<int> current{-1};

}  // namespace

Level level() {
  int now = current.load(std::memory_order_relaxed);
  if (now < 0) current = now = detect();
  return static_cast<Level>(now);
}

const char* level_name(Level level) {
  static const char* names[] = {"reference", "avx2", "wide", "avx512", "avx512_bf16", "amx"};
  return names[level];
}

bool has_level(Level level) {
  // `wide` is AVX2 code, so it runs wherever AVX2 does, in programs that link it.
  return level == WIDE ? detect() >= AVX2 && &wide::add != nullptr : level <= detect();
}

int cpu_level() { return level(); }
int cpu_level_available() { return detect(); }

void set_cpu_level(int wanted) {
  check(wanted >= REFERENCE && wanted < LEVELS, "no instruction-set level ", wanted);
  check(has_level(static_cast<Level>(wanted)), "this machine has ", level_name(detect()), ", not ", level_name(static_cast<Level>(wanted)));
  current = wanted;
}

const char* cpu_level_name(int which) {
  check(which >= REFERENCE && which < LEVELS, "no instruction-set level ", which);
  return level_name(static_cast<Level>(which));
}

int cpu_level_count() { return LEVELS; }

int threads() { return omp_get_max_threads(); }

void set_threads(int count) {
  check(count >= 1, "the number of threads must be at least 1, not ", count);
  omp_set_num_threads(count);
}

}  // namespace fizzy
