// Stand-in for libcudart.so.13: memory, streams, events and graphs of FIZZY_STANDIN_DEVICES devices (default 2) with FIZZY_STANDIN_MEMORY
// bytes each (default 4 GiB). FIZZY_STANDIN_LOSE_AFTER=n: the n-th piece of work on device FIZZY_STANDIN_LOSE_DEVICE (default 0) and
// everything after it on that device fail as on a lost device. FIZZY_STANDIN_REPORT names a file to which the counts are written at exit.
#include "simt/standin/cudart.h"

#include <cstdio>
#include <utility>

namespace standin {

std::recursive_mutex state;
std::map<const char*, Block> blocks;
std::set<Stream*> streams;
std::set<Event*> events;
std::set<Graph*> graphs, executables;
thread_local int device = 0;
thread_local int captures = 0;
thread_local int last_error = SUCCESS;
std::atomic<int> lost[MOST_DEVICES];
std::atomic<long> executed[MOST_DEVICES];
std::atomic<long> counters[COUNTER_COUNT];

int fail(int error, const char* call, const std::string& why) {
  complain(call, ": ", why);
  return last_error = error;
}

namespace {

constexpr int COUNTERS = 0x46000, SETTINGS = 0x47000;
std::atomic<long> settings[SETTING_COUNT] = {1, 1, 0};

struct AtExit {
  ~AtExit() {
    const char* path = std::getenv("FIZZY_STANDIN_REPORT");
    FILE* f = path ? std::fopen(path, "w") : nullptr;
    if (!f) return;
    long leaks = blocks.size() + streams.size() + events.size() + graphs.size() + executables.size() + counters[LIVING];
    for (int d = 0; d < MOST_DEVICES; d++) std::fprintf(f, "executed_%d %ld\n", d, executed[d].load());
    std::fprintf(f, "launches %ld\ngraph_launches %ld\nwaits %ld\nviolations %ld\nleaks %ld\n", counters[LAUNCHES].load(),
                 counters[GRAPH_LAUNCHES].load(), counters[WAITS].load(), counters[VIOLATIONS].load(), leaks);
    std::fprintf(f, "leaked blocks %zu, streams %zu, events %zu, graphs %zu, executables %zu, descriptors %ld\n", blocks.size(), streams.size(),
                 events.size(), graphs.size(), executables.size(), counters[LIVING].load());
    std::fclose(f);
  }
} at_exit;

}  // namespace
}  // namespace standin

using namespace standin;

extern "C" {

void fizzy_standin_complain(const char* text) {
  counters[VIOLATIONS]++;
  std::fprintf(stderr, "stand-in: %s\n", text);
}
void fizzy_standin_living(int change) { counters[LIVING] += change; }
int fizzy_standin_device() { return device; }

int cudaGetDeviceCount(int* count) {
  *count = static_cast<int>(setting("FIZZY_STANDIN_DEVICES", 2));
  return *count == 0 ? last_error = NO_DEVICE : SUCCESS;
}
int cudaSetDevice(int d) {
  int count;
  cudaGetDeviceCount(&count);
  if (d < 0 || d >= count || d >= MOST_DEVICES) return last_error = INVALID_DEVICE;
  device = d;
  return lost[d];
}
int cudaGetDevice(int* d) { return *d = device, SUCCESS; }
int cudaDriverGetVersion(int* v) { return *v = static_cast<int>(setting("FIZZY_STANDIN_DRIVER", 13030)), SUCCESS; }
int cudaRuntimeGetVersion(int* v) { return *v = 13030, SUCCESS; }
int cudaDeviceGetAttribute(int* value, int attribute, int) {
  long arch = setting("FIZZY_STANDIN_ARCH", 80);
  switch (attribute) {
    case 75: *value = static_cast<int>(arch / 10); return SUCCESS;
    case 76: *value = static_cast<int>(arch % 10); return SUCCESS;
    case 16: *value = 4; return SUCCESS;        // multiprocessors
    case 13: *value = 1000000; return SUCCESS;  // kHz
    case 36: *value = 1000000; return SUCCESS;
    case 37: *value = 256; return SUCCESS;  // bits
    case 8: *value = 99 * 1024; return SUCCESS;
    default: return fail(INVALID_VALUE, "cudaDeviceGetAttribute", "attribute " + std::to_string(attribute));
  }
}
int cudaDeviceGetLimit(size_t* value, int limit) {
  if (limit < COUNTERS || limit >= COUNTERS + COUNTER_COUNT) return last_error = INVALID_VALUE;
  return *value = counters[limit - COUNTERS], SUCCESS;
}
int cudaDeviceSetLimit(int limit, size_t value) {
  if (limit < SETTINGS || limit >= SETTINGS + SETTING_COUNT) return last_error = INVALID_VALUE;
  return settings[limit - SETTINGS] = static_cast<long>(value), SUCCESS;
}
long fizzy_standin_setting(int setting) { return settings[setting]; }
int cudaGetLastError() { return std::exchange(last_error, lost[device].load()); }
int cudaPeekAtLastError() { return last_error; }
const char* cudaGetErrorName(int error) {
  switch (error) {
    case SUCCESS: return "cudaSuccess";
    case OUT_OF_MEMORY: return "cudaErrorMemoryAllocation";
    case LAUNCH_FAILURE: return "cudaErrorLaunchFailure";
    case 35: return "cudaErrorInsufficientDriver";
    case NO_DEVICE: return "cudaErrorNoDevice";
    case CAPTURE_UNSUPPORTED: return "cudaErrorStreamCaptureUnsupported";
    default: return "cudaErrorUnknown";
  }
}
const char* cudaGetErrorString(int error) { return error == LAUNCH_FAILURE ? "unspecified launch failure" : cudaGetErrorName(error); }

}  // extern "C"
