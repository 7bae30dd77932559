// Shared by the stand-ins for NVIDIA's libraries. They implement, on the CPU and for tests only, the few calls that engine/cuda makes
// through the JavaCPP presets, and check them: a call that CUDA would reject, or that works only by chance, returns an error and is written
// to stderr. "Device memory" is host memory that starts as NaN; a stream is a queue that runs only when it is waited for, so that code that
// forgets to wait reads the old contents.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

// What tests change through cudaDeviceSetLimit(0x47000 + i, value): whether cuDNN fuses sums, whether it adds to the previous result, and
// whether cuDNN and cuBLASLt also offer candidates that are refused, fail or are slow.
enum StandInSetting { FUSION, BETA, CANDIDATES, SETTING_COUNT };

extern "C" {
// A setting; 1, 1 and 0 until a test changes them.
long fizzy_standin_setting(int setting);
// Queues work on a stream, or records it if the stream is being captured; calls drop(work) when nothing can run it any more. Returns a
// cudaError_t.
int fizzy_standin_submit(void* stream, void (*run)(void*), void (*drop)(void*), void* work);
// Whether [p, p + bytes) is allocated memory of the stream's device.
bool fizzy_standin_on_device(const void* p, size_t bytes, void* stream);
// Writes a message to stderr and counts a violation.
void fizzy_standin_complain(const char* text);
// Device of the calling thread.
int fizzy_standin_device();
// Adds to the number of live descriptors and handles of the libraries above the runtime, which must be 0 at exit.
void fizzy_standin_living(int change);
}

namespace standin {

template <typename... Parts>
void complain(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  fizzy_standin_complain(text.str().c_str());
}

template <typename F>
int submit(void* stream, F f) {
  return fizzy_standin_submit(stream, [](void* work) { (*static_cast<F*>(work))(); }, [](void* work) { delete static_cast<F*>(work); },
                              new F(std::move(f)));
}

// bf16 and f32 in the libraries' enumerations of data types.
inline float from_bf16(uint16_t bits) {
  uint32_t wide = uint32_t{bits} << 16;
  float f;
  __builtin_memcpy(&f, &wide, 4);
  return f;
}
inline uint16_t to_bf16(float f) {
  uint32_t u;
  __builtin_memcpy(&u, &f, 4);
  if (f != f) return 0x7fc0;
  return static_cast<uint16_t>((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
// Element i of f32 or bf16 memory.
inline float get(const void* p, bool bf16, int64_t i) {
  return bf16 ? from_bf16(static_cast<const uint16_t*>(p)[i]) : static_cast<const float*>(p)[i];
}
inline void put(void* p, bool bf16, int64_t i, float v) {
  if (bf16) static_cast<uint16_t*>(p)[i] = to_bf16(v);
  else static_cast<float*>(p)[i] = v;
}
// The first elements of f32 or bf16 memory, in f32.
inline std::vector<float> floats(const void* p, bool bf16, int64_t count) {
  std::vector<float> all(count);
  for (int64_t i = 0; i < count; i++) all[i] = get(p, bf16, i);
  return all;
}
// sums += factor * terms, n elements: what products and convolutions consist of, so that the compiler can use vectors without changing the
// order in which the terms of a sum are added.
inline void add_scaled(float* __restrict sums, float factor, const float* __restrict terms, int64_t n) {
  for (int64_t i = 0; i < n; i++) sums[i] += factor * terms[i];
}

}  // namespace standin
