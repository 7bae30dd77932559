// Stand-in for libcuda.so.1, the driver: the presets need it to load; the stand-in runtime does the work.
#include <cstdio>
#include <cstdlib>

extern "C" {
int cuInit(unsigned) { return 0; }
int cuDriverGetVersion(int* v) {
  const char* version = std::getenv("FIZZY_STANDIN_DRIVER");
  *v = version ? std::atoi(version) : 13030;
  return 0;
}
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetName(char* name, int length, int) {
  std::snprintf(name, length, "stand-in (no GPU)");
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  const char* memory = std::getenv("FIZZY_STANDIN_MEMORY");
  *bytes = memory ? std::atol(memory) : 4L << 30;
  return 0;
}
}
