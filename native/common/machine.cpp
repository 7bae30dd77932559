// The machine's name and its measured peaks, with which profiles compare.
#include <cpuid.h>
#include <dlfcn.h>
#include <omp.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "common/onednn.h"
#include "common/parallel.h"
#include "common/timing.h"
#include "fizzy/cpu.h"

namespace fizzy {
namespace {

constexpr double WARM_UP = .3, CACHES = .2;  // shares of the seconds: clocks and huge pages settle first; a cache takes less

using Memory = std::unique_ptr<void, decltype(&memory_free)>;

// Random numbers of magnitude 0.5 to 2, in f32 and in bf16: some processors compute zeros faster, with less power.
Memory allocate_random(size_t bytes) {
  Memory memory(memory_allocate(bytes + 8), &memory_free);
  uint64_t state = 1;
  for (size_t at = 0; at < bytes; at += 8) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint64_t halves = ((state ^ state >> 29) & 0x80ff80ff80ff80ffu) | 0x3f003f003f003f00u;
    std::memcpy(static_cast<char*>(memory.get()) + at, &halves, 8);
  }
  return memory;
}

// Seconds of the fastest run after a warm-up.
template <typename Body>
double warm(double seconds, Body body) {
  fastest(WARM_UP * seconds, body);
  return fastest((1 - WARM_UP) * seconds, body);
}

double flops_of(Primitive* made, size_t first, size_t second, size_t output, double flops, double seconds) {
  std::unique_ptr<Primitive, decltype(&primitive_free)> primitive(made, &primitive_free);
  Memory a = allocate_random(first), b = allocate_random(second), y = allocate_random(output);
  Memory scratch = allocate_random(primitive->scratch_bytes), packed = allocate_random(primitive->packed_bytes);
  std::unique_ptr<Bound, decltype(&bound_free)> bound(
      primitive_bind(made, a.get(), b.get(), nullptr, nullptr, nullptr, nullptr, y.get(), nullptr, scratch.get(), packed.get()), &bound_free);
  bound_pack(bound.get());
  auto run = [&] { bound_run(bound.get()); };
  return flops / warm(seconds, run);
}

// Bytes of the data cache of a level, 1 to 3; 0 if unknown.
int64_t cache_bytes(int level) {
  constexpr int NAMES[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
  return std::max<int64_t>(0, sysconf(NAMES[level - 1]));
}

}  // namespace

const char* cpu_model() {
  static const std::string name = [] {
    unsigned words[12] = {};
    for (unsigned i = 0; i < 3; i++) __get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3]);
    std::string brand(reinterpret_cast<const char*>(words), sizeof words);
    brand = brand.c_str();
    size_t end = brand.find_last_not_of(' '), begin = brand.find_first_not_of(' ');
    return end == std::string::npos ? std::string("unnamed processor") : brand.substr(begin, end - begin + 1);
  }();
  return name.c_str();
}

const char* onednn_version() {
  static const std::string version = [] {
    const dnnl_version_t* v = dnnl_version();
    return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  }();
  return version.c_str();
}

const char* openmp_library() {
  Dl_info info;
  bool found = dladdr(reinterpret_cast<void*>(&omp_get_max_threads), &info) != 0 && info.dli_fname != nullptr;
  return found ? info.dli_fname : "unknown";
}

double process_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

double measure_peak_flops(int type, double seconds) {
  std::unique_ptr<Primitive, decltype(&primitive_free)> probe(linear(type, 64, 64, 64, false, false, true), &primitive_free);
  // If bf16 is computed in f32, its peak is that of f32.
  if (probe->precision != probe->type) type = 0;
  size_t bytes = type == 1 ? 2 : 4;
  constexpr int N = 1536, B = 4, H = 32, C = 192;
  double product =
      flops_of(linear(type, N, N, N, false, false, true), N * N * bytes, N * N * sizeof(float), N * N * bytes, 2. * N * N * N, seconds);
  size_t image = size_t{B} * H * H * C * bytes;
  double convolved = flops_of(convolution(type, B, H, H, C, C, 3, 1, 1, 1, 1, 1, false, false, false, true), image,
                              size_t{C} * C * 9 * sizeof(float), image, 2. * B * H * H * C * C * 9, seconds);
  return std::max(product, convolved);
}

double measure_peak_bandwidth(double seconds) {
  constexpr int64_t BYTES = int64_t{192} << 20;  // several times the largest cache of today
  constexpr int64_t GRAIN = int64_t{4} << 20;
  Memory from = allocate_random(BYTES), to = allocate_random(BYTES);
  auto copy = [&] {
    parallel_chunks(BYTES, GRAIN, [&](int64_t begin, int64_t end) {
      std::memcpy(static_cast<char*>(to.get()) + begin, static_cast<const char*>(from.get()) + begin, end - begin);
    });
  };
  return 2. * BYTES / warm(seconds, copy);
}

double measure_cache_bandwidth(int level, double seconds) {
  constexpr int64_t PIECE = 4096, COPIED = int64_t{8} << 20;  // pieces are below memcpy's threshold for stores past the caches
  int threads = omp_get_max_threads();
  // Half of the cache, so that two threads of a core fit; level 3 is shared by all.
  int64_t block = cache_bytes(level) / 2 / (level == 3 ? threads : 1);
  int64_t half = block / 2 / PIECE * PIECE;
  if (half == 0 || (level > 1 && block <= cache_bytes(level - 1))) return 0;
  Memory memory = allocate_random(size_t(2 * half * threads));
  int64_t repeats = std::max<int64_t>(1, COPIED / half);
  auto copy = [&] {
    parallel_for(threads, [&](int64_t thread) {
      char* from = static_cast<char*>(memory.get()) + 2 * half * thread;
      for (int64_t r = 0; r < repeats; r++) {
        for (int64_t at = 0; at < half; at += PIECE) std::memcpy(from + half + at, from + at, PIECE);
      }
    });
  };
  return 2. * double(half * repeats * threads) / warm(CACHES * seconds, copy);
}

}  // namespace fizzy
