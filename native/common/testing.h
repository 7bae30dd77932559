// The test harness of kernels/*/test.cpp: shapes from shapes.txt, a seeded generator, the tolerance rule, and every backend of this
// machine: the CPU at each instruction-set level, and the CUDA kernels in the emulator, or on a GPU (gpu/kernel_tests.cpp). A failure prints
// the case.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "common/bf16.h"
#include "common/level.h"
#include "fizzy/cpu.h"

namespace fizzy::testing {

// SplitMix64, mapped to approximately N(0, 1) by summing four uniform numbers.
struct Random {
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  float uniform() { return (next() >> 40) * 0x1p-24f; }
  float normal() { return (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508f; }
};

// A tensor in one of the types of backend.h.
struct Array {
  int type;
  std::vector<float> f;
  std::vector<bf16> h;
  Array(int type, size_t n) : type(type), f(type == 0 ? n : 0), h(type == 1 ? n : 0) {}
  static Array normal(int type, size_t n, uint64_t seed, float scale = 1) {
    Array a(type, n);
    Random random(seed);
    for (size_t i = 0; i < n; i++) a.set(i, random.normal() * scale);
    return a;
  }
  size_t size() const { return type == 0 ? f.size() : h.size(); }
  void* data() { return type == 0 ? static_cast<void*>(f.data()) : h.data(); }
  const void* data() const { return type == 0 ? static_cast<const void*>(f.data()) : h.data(); }
  float get(size_t i) const { return type == 0 ? f[i] : to_float(h[i]); }
  void set(size_t i, float v) {
    if (type == 0) f[i] = v;
    else h[i] = from_float<bf16>(v);
  }
};

// The same values in bf16.
inline Array rounded(const Array& a) {
  Array half(1, a.size());
  for (size_t i = 0; i < a.size(); i++) half.set(i, a.get(i));
  return half;
}

inline int failures = 0;
inline int checks = 0;

// What the program that links tests sets.
inline std::string kernel_folder;           // of the kernel that is tested; has shapes.txt
inline std::vector<std::string> arguments;  // of the test
inline bool levels = true;                  // whether the levels of the CPU are tested
inline bool large_on_cuda = false;          // whether CUDA kernels are tested at large shapes, for which the emulator is too slow

inline void expect(bool holds, const std::string& what) {
  checks++;
  if (!holds) {
    failures++;
    std::fprintf(stderr, "FAILED %s\n", what.c_str());
  }
}

// Checks that the largest |a-b| over the largest |b| is at most `tolerance`; NaN fails.
inline void expect_close(const Array& a, const Array& b, double tolerance, const std::string& what) {
  double worst = 0, largest = 1e-30;
  for (size_t i = 0; i < b.size(); i++) largest = std::fmax(largest, std::fabs(b.get(i)));
  for (size_t i = 0; i < b.size(); i++) {
    double d = std::fabs(static_cast<double>(a.get(i)) - b.get(i));
    if (!(d <= worst)) worst = d;
  }
  std::ostringstream s;
  s << what << ": relative error " << worst / largest << " > " << tolerance;
  expect(worst / largest <= tolerance, s.str());
}

// Checks that body throws an exception whose message contains `part`.
inline void expect_refusal(const std::function<void()>& body, const std::string& part) {
  std::string sentence = "nothing thrown";
  try {
    body();
  } catch (const std::exception& e) {
    sentence = e.what();
  }
  expect(sentence.find(part) != std::string::npos, "a refusal with \"" + part + "\": " + sentence);
}

// Rows of integers; `#` begins a comment.
inline std::vector<std::vector<int>> shapes() {
  std::vector<std::vector<int>> rows;
  std::string file = kernel_folder + "/shapes.txt";
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<int> row;
    for (int v; words >> v;) row.push_back(v);
    if (!row.empty()) rows.push_back(row);
  }
  expect(!rows.empty(), "no shapes in " + file);
  return rows;
}

// The CPU backend, at the active level.
inline Backend& cpu() { return *cpu_backend(); }

// Runs body once at each level above the reference that this machine supports.
inline void for_each_level(const std::function<void(const std::string& name)>& body) {
  if (!levels) return;
  for (int l = 1; l < cpu_level_count(); l++) {
    if (!has_level(static_cast<Level>(l))) continue;
    set_cpu_level(l);
    body(cpu_level_name(l));
  }
  set_cpu_level(cpu_level_available());
}

using Body = std::function<void(Backend& backend, const std::string& name)>;

// Runs a body with the CUDA kernels: set by simt/testing.cpp or gpu/kernel_tests.cpp, whichever the program links, if any.
inline void (*run_on_cuda)(const Body& body) = nullptr;
inline void on_cuda(const Body& body) {
  if (run_on_cuda) run_on_cuda(body);
}

// Runs body with each backend.
inline void for_each_backend(const Body& body, bool large = false) {
  for_each_level([&](const std::string& name) { body(cpu(), name); });
  if (!large || large_on_cuda) on_cuda(body);
}

// Runs body with the reference.
inline void at_reference(const std::function<void(Backend& backend)>& body) {
  int before = cpu_level();
  set_cpu_level(0);
  body(cpu());
  set_cpu_level(before);
}

// Allocates scratch for a call and sets its address. It is filled with NaN, since kernels must not rely on its contents.
template <typename Call>
std::vector<char> with_scratch(const Backend& backend, Call& call) {
  std::vector<char> scratch(backend.scratch_bytes(call), -1);
  if constexpr (requires { call.scratch; }) call.scratch = scratch.data();
  else call.forward.scratch = scratch.data();
  return scratch;
}

inline int result(const char* kernel) {
  std::printf("%s: %d checks, %d failed\n", kernel, checks, failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace fizzy::testing
