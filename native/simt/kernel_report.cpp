// kernel_report UNITS prints the resources of each kernel launch of our networks, and a lower bound for the time of each operation.
// kernel_report --audit checks every launch of a batch of 512 images, or 1024 faces, against the limits of the smallest supported GPU.
// kernel_report UNITS LIMITS checks the kernels against a file of limits (resources.txt). UNITS is the folder of the compiler's reports.
// tools/kernel-report explains the columns.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

#include "simt/launches.h"
#include "simt/resources.h"

namespace {
using namespace report;

// From the vendors' data sheets: GB/s, and TFLOP/s without and with tensor cores.
struct Gpu {
  const char* name;
  double bandwidth, plain, tensor;
};
constexpr Gpu GPUS[] = {{"A100", 1555, 19.5, 312}, {"H100", 3350, 67, 989}, {"RTX 4090", 1008, 82.6, 165}};

double floor_us(const Operation& o, const Gpu& gpu) {
  return std::max(o.bytes / gpu.bandwidth / 1e3, o.flops / (o.unit == 't' ? gpu.tensor : gpu.plain) / 1e6);
}

// Maximum numbers of resident warps and blocks, and KiB of shared memory.
struct Multiprocessor {
  int warps, blocks, shared;
};
Multiprocessor multiprocessor(const std::string& architecture) {
  if (architecture.starts_with("sm_80")) return {64, 32, 164};
  if (architecture.starts_with("sm_86")) return {48, 16, 100};
  if (architecture.starts_with("sm_89") || architecture.starts_with("sm_120")) return {48, 24, 100};
  return {64, 32, 228};
}

// Resident warps in percent of the maximum. A warp gets registers in units of 256; the driver reserves 1 KiB of shared memory per block.
double occupancy(const Multiprocessor& on, int registers, int threads, int shared_bytes) {
  int warps = (threads + 31) / 32, registers_of_warp = (registers * 32 + 255) / 256 * 256;
  int blocks = std::min({on.blocks, on.warps / warps, 65536 / registers_of_warp / warps, on.shared * 1024 / (shared_bytes + 1024)});
  return 100. * blocks * warps / on.warps;
}

void print(const Launch& launch, const Kernels& kernels) {
  std::string name = kernel_name(launch.kernel);
  auto kernel = kernels.find(name);
  if (kernel == kernels.end()) {
    std::printf("  %-58s not found\n", name.c_str());
    return;
  }
  for (const auto& [architecture, r] : kernel->second.on) {
    int shared = int(launch.shared_bytes) + r.shared_bytes;
    std::printf("  %-58s %-7s %3d registers %d spilled %6d B shared %6llu blocks of %3d, occupancy %3.0f %%\n", name.c_str(),
                architecture.c_str(), r.registers, r.spilled_bytes, shared, launch.blocks, launch.threads,
                occupancy(multiprocessor(architecture), r.registers, launch.threads, shared));
  }
}

void print(const Kernels& kernels) {
  for (const Operation& o : operations()) {
    std::printf("\n%-20s %-20s %9.2f MB %10.3f GFLOP   floor us:", o.name.c_str(), o.shape.c_str(), o.bytes / 1e6, o.flops / 1e9);
    const char* gap = " ";
    for (const Gpu& gpu : GPUS) std::printf("%s%s %.1f", gap, gpu.name, floor_us(o, gpu)), gap = "  ";
    std::printf("\n");
    for (const Launch& launch : o.launches) print(launch, kernels);
  }
}

class Check {
 public:
  explicit Check(const Kernels& kernels) : kernels(kernels) {
    for (const auto& [name, kernel] : kernels)
      for (const auto& [architecture, r] : kernel.on) {
        count++;
        if (r.spilled_bytes > 0) fail(name + " spills " + std::to_string(r.spilled_bytes) + " bytes on " + architecture);
      }
  }

  // Checks a line of resources.txt: a kernel, its maximum number of registers, and names of required instructions (INSTRUCTIONS).
  void line(const std::string& line) {
    std::istringstream in(line);
    std::string limited, word;
    int maximum;
    if (line.empty() || line.starts_with('#')) return;
    if (!(in >> limited >> maximum)) return fail("native/simt/resources.txt: expected a kernel and a number of registers, not: " + line);
    std::set<std::string> words;
    while (in >> word) words.insert(word);
    for (const std::string& w : words)
      if (std::none_of(std::begin(INSTRUCTIONS), std::end(INSTRUCTIONS), [&](const Instruction& i) { return w == i.word; }))
        fail("native/simt/resources.txt: " + limited + ": unknown word " + w);
    bool found = false;
    for (const auto& [name, kernel] : kernels)
      if (name == limited || name.starts_with(limited + "<")) found = true, check(name, kernel, maximum, words);
    if (!found) fail("no kernel " + limited + ", which native/simt/resources.txt lists");
  }

  int exit_status() {
    if (!failed) std::printf("%d kernels on all architectures: no spills; registers and instructions meet native/simt/resources.txt\n", count);
    return failed;
  }

 private:
  void check(const std::string& name, const Kernel& kernel, int maximum, const std::set<std::string>& words) {
    for (const auto& [architecture, r] : kernel.on)
      if (r.registers > maximum)
        fail(name + " uses " + std::to_string(r.registers) + " registers on " + architecture + "; the limit is " + std::to_string(maximum));
    // Kernels for odd shapes have vectors of one element.
    bool vector = name.find(", 1>") == std::string::npos && name.find("<1,") == std::string::npos;
    for (const Instruction& i : INSTRUCTIONS)
      if (words.count(i.word) && !kernel.instructions.count(i.word) && (vector || !i.of_vectors)) fail(name + " " + i.missing);
  }

  void fail(const std::string& what) {
    std::printf("kernel-report: %s\n", what.c_str());
    failed = true;
  }

  const Kernels& kernels;
  int count = 0;
  bool failed = false;
};

int check(const Kernels& kernels, const char* limits) {
  Check check(kernels);
  std::ifstream in(limits);
  if (!in) throw std::runtime_error(std::string("cannot read ") + limits);
  for (std::string line; std::getline(in, line);) check.line(line);
  return check.exit_status();
}

// What every supported GPU takes: threads of a block, and bytes of dynamic shared memory after opting in (8.6, 8.9 and 12.0).
constexpr int MOST_THREADS = 1024, MOST_SHARED_BYTES = 99 * 1024;
// Kernels index the elements of a tensor with 32 bits; the engine computes larger batches in parts.
constexpr int64_t MOST_ELEMENTS = INT32_MAX;

int audit() {
  int launches = 0, failed = 0;
  int64_t largest = 0;
  for (const Operation& o : operations(512, 1024)) {
    largest = std::max(largest, o.largest);
    if (o.largest > MOST_ELEMENTS)
      failed++, std::printf("kernel-report: %s %s: %lld elements\n", o.name.c_str(), o.shape.c_str(), (long long)o.largest);
    for (const Launch& l : o.launches) {
      launches++;
      if (l.threads <= MOST_THREADS && l.shared_bytes <= MOST_SHARED_BYTES) continue;
      failed++;
      std::printf("kernel-report: %s %s: %s: %d threads, %zu bytes of shared memory\n", o.name.c_str(), o.shape.c_str(),
                  kernel_name(l.kernel).c_str(), l.threads, l.shared_bytes);
    }
  }
  std::printf("%d launches of large batches, %d beyond a limit; the largest tensor has %lld elements\n", launches, failed, (long long)largest);
  return failed > 0 || launches < 100 || largest < (1 << 30);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count == 2 && std::string(arguments[1]) == "--audit") return audit();
  if (count != 2 && count != 3) throw std::runtime_error("expected the folder of the compiler's reports and, to check them, the file of limits");
  Kernels kernels = read_kernels(arguments[1]);
  if (count == 3) return check(kernels, arguments[2]);
  print(kernels);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "kernel-report: %s\n", e.what());
  return 1;
}
