// Stands in for libcudart.so.13: memory, streams, events and graphs of FIZZY_STANDIN_DEVICES devices (2) with FIZZY_STANDIN_MEMORY
// bytes each (4 GiB). FIZZY_STANDIN_LOSE_AFTER=n: the n-th piece of work fails as a lost device does, and so does all that follows.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "simt/standin/standin.h"

namespace {

enum Error {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  INVALID_DEVICE = 101,
  INVALID_HANDLE = 400,
  NOT_READY = 600,
  LAUNCH_FAILURE = 719,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
  CAPTURE_UNMATCHED = 903
};

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atol(text) : otherwise;
}

struct Task {
  std::shared_ptr<void> work;
  void (*run)(void*);
};
struct Graph {
  std::vector<Task> tasks;
};
struct Stream {
  int device;
  std::deque<Task> queue;
  Graph* capture = nullptr;
  bool broken = false;  // the capture
  std::recursive_mutex running;
};
struct Event {
  Stream* stream = nullptr;
  size_t left = 0;  // tasks of the stream before it, from its start
  double seconds = 0;
};
struct Block {
  size_t bytes;
  int device;  // -1: pinned host memory
};

std::recursive_mutex state;
std::map<const char*, Block> blocks;
std::set<Stream*> streams;
std::set<Event*> events;
std::set<Graph*> graphs, executables;
std::map<int, size_t> used;
std::map<Stream*, size_t> done, submitted;
thread_local int device = 0;
thread_local int captures = 0;
thread_local int last_error = SUCCESS;
std::atomic<int> lost{0};
std::atomic<long> executed{0};  // pieces of work, those inside graphs too
// Counters that tests read through cudaDeviceGetLimit(COUNTERS + i).
enum Counter { LAUNCHES, GRAPH_LAUNCHES, WAITS, VIOLATIONS, LIVING, ALLOCATIONS, COUNT };
constexpr int COUNTERS = 0x46000;
std::atomic<long> counters[COUNT];

int fail(int error, const char* call, const std::string& why) {
  standin::complain(call, ": ", why);
  return last_error = error;
}

int refused_in_capture(const char* call) {
  if (lost) return last_error = lost;
  if (captures == 0) return SUCCESS;
  for (Stream* s : streams)
    if (s->capture) s->broken = true;
  return fail(CAPTURE_UNSUPPORTED, call, "not while a stream is being captured");
}

const Block* block_of(const void* p, size_t bytes) {
  auto address = static_cast<const char*>(p);
  auto next = blocks.upper_bound(address);
  if (next == blocks.begin()) return nullptr;
  --next;
  return address + bytes <= next->first + next->second.bytes ? &next->second : nullptr;
}

void execute(const Task& task) {
  if (lost) return;
  static const long lose_after = setting("FIZZY_STANDIN_LOSE_AFTER", 0);
  if (++executed >= lose_after && lose_after) {
    lost = LAUNCH_FAILURE;
    return;
  }
  try {
    task.run(task.work.get());
  } catch (const std::exception& e) {
    standin::complain("work on a stream: ", e.what());
    lost = LAUNCH_FAILURE;
  }
}

// Runs a stream's queue until `count` of all its tasks are done.
void drain(Stream* stream, size_t count) {
  std::lock_guard<std::recursive_mutex> one(stream->running);
  for (;;) {
    Task task;
    {
      std::lock_guard<std::recursive_mutex> hold(state);
      if (stream->queue.empty() || done[stream] >= count) return;
      task = stream->queue.front();
      stream->queue.pop_front();
    }
    execute(task);
    std::lock_guard<std::recursive_mutex> hold(state);
    done[stream]++;
  }
}
void drain(Stream* stream) { drain(stream, SIZE_MAX); }

Stream* known(void* stream) {
  std::lock_guard<std::recursive_mutex> hold(state);
  auto s = static_cast<Stream*>(stream);
  return streams.count(s) ? s : nullptr;
}

template <typename T>
bool among(const std::set<T*>& all, void* one) {
  std::lock_guard<std::recursive_mutex> hold(state);
  return all.count(static_cast<T*>(one)) > 0;
}

struct AtExit {
  ~AtExit() {
    if (const char* path = std::getenv("FIZZY_STANDIN_REPORT")) {
      long leaks = blocks.size() + streams.size() + events.size() + graphs.size() + executables.size() + counters[LIVING];
      if (FILE* f = std::fopen(path, "w")) {
        std::fprintf(f, "executed %ld\nlaunches %ld\ngraph_launches %ld\nwaits %ld\nviolations %ld\nleaks %ld\n", executed.load(),
                     counters[LAUNCHES].load(), counters[GRAPH_LAUNCHES].load(), counters[WAITS].load(), counters[VIOLATIONS].load(), leaks);
        std::fprintf(f, "leaked blocks %zu, streams %zu, events %zu, graphs %zu, executables %zu, descriptors %ld\n", blocks.size(),
                     streams.size(), events.size(), graphs.size(), executables.size(), counters[LIVING].load());
        std::fclose(f);
      }
    }
  }
} at_exit;

int allocate(void** p, size_t bytes, int where, const char* call) {
  if (int refused = refused_in_capture(call)) return refused;
  std::lock_guard<std::recursive_mutex> hold(state);
  if (where >= 0) {
    static const size_t memory = setting("FIZZY_STANDIN_MEMORY", 4L << 30);
    if (used[where] + bytes > memory) return last_error = OUT_OF_MEMORY;
    used[where] += bytes;
  }
  char* block = static_cast<char*>(std::aligned_alloc(512, (bytes + 511) / 512 * 512 + 512));
  if (block == nullptr) return last_error = OUT_OF_MEMORY;
  std::memset(block, 0xff, bytes);
  blocks[block] = {bytes, where};
  counters[ALLOCATIONS]++;
  *p = block;
  return SUCCESS;
}

int release(void* p, bool host, const char* call) {
  if (p == nullptr) return SUCCESS;
  if (captures > 0) return refused_in_capture(call);
  for (Stream* s : std::vector<Stream*>(streams.begin(), streams.end())) drain(s);
  std::lock_guard<std::recursive_mutex> hold(state);
  auto found = blocks.find(static_cast<char*>(p));
  if (found == blocks.end() || (found->second.device < 0) != host) return fail(INVALID_VALUE, call, "no such block, or freed before");
  std::memset(p, 0xff, found->second.bytes);  // whoever reads it still reads NaN; the address is not given out again
  if (!host) used[found->second.device] -= found->second.bytes;
  blocks.erase(found);
  return lost;
}

}  // namespace

extern "C" {

void fizzy_standin_complain(const char* text) {
  counters[VIOLATIONS]++;
  std::fprintf(stderr, "stand-in: %s\n", text);
}
void fizzy_standin_living(int change) { counters[LIVING] += change; }
int fizzy_standin_device() { return device; }

bool fizzy_standin_on_device(const void* p, size_t bytes, void* stream) {
  std::lock_guard<std::recursive_mutex> hold(state);
  const Block* block = block_of(p, bytes);
  Stream* s = known(stream);
  return block && s && block->device == s->device;
}

int fizzy_standin_submit(void* stream, void (*run)(void*), void (*drop)(void*), void* work) {
  Task task{std::shared_ptr<void>(work, drop), run};
  if (lost) return last_error = lost;
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  if (s == nullptr) return fail(INVALID_HANDLE, "launch", "no such stream; the default stream is not used here");
  if (s->device != device) return fail(INVALID_HANDLE, "launch", "the stream belongs to another device than the thread's");
  counters[LAUNCHES]++;
  if (s->capture) {
    s->capture->tasks.push_back(task);
  } else {
    s->queue.push_back(task);
    submitted[s]++;
  }
  return SUCCESS;
}

// ---- devices -----------------------------------------------------------------------------------------------------------------
int cudaGetDeviceCount(int* count) {
  *count = static_cast<int>(setting("FIZZY_STANDIN_DEVICES", 2));
  return *count == 0 ? last_error = 100 : SUCCESS;
}
int cudaSetDevice(int d) {
  int count;
  cudaGetDeviceCount(&count);
  if (d < 0 || d >= count) return last_error = INVALID_DEVICE;
  device = d;
  return lost;
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
int cudaMemGetInfo(size_t* free, size_t* total) {
  std::lock_guard<std::recursive_mutex> hold(state);
  *total = setting("FIZZY_STANDIN_MEMORY", 4L << 30);
  *free = *total - used[device];
  return lost;
}
int cudaDeviceGetLimit(size_t* value, int limit) {
  if (limit < COUNTERS || limit >= COUNTERS + COUNT) return last_error = INVALID_VALUE;
  return *value = counters[limit - COUNTERS], SUCCESS;
}
int cudaGetLastError() { return std::exchange(last_error, lost.load()); }
int cudaPeekAtLastError() { return last_error; }
const char* cudaGetErrorName(int error) {
  switch (error) {
    case SUCCESS: return "cudaSuccess";
    case OUT_OF_MEMORY: return "cudaErrorMemoryAllocation";
    case LAUNCH_FAILURE: return "cudaErrorLaunchFailure";
    case 35: return "cudaErrorInsufficientDriver";
    case 100: return "cudaErrorNoDevice";
    case CAPTURE_UNSUPPORTED: return "cudaErrorStreamCaptureUnsupported";
    default: return "cudaErrorUnknown";
  }
}
const char* cudaGetErrorString(int error) { return error == LAUNCH_FAILURE ? "unspecified launch failure" : cudaGetErrorName(error); }

// ---- memory ------------------------------------------------------------------------------------------------------------------
int cudaMalloc(void** p, size_t bytes) { return allocate(p, bytes, device, "cudaMalloc"); }
int cudaFree(void* p) { return release(p, false, "cudaFree"); }
int cudaHostAlloc(void** p, size_t bytes, unsigned) { return allocate(p, bytes, -1, "cudaHostAlloc"); }
int cudaFreeHost(void* p) { return release(p, true, "cudaFreeHost"); }
int cudaMemcpyAsync(void* to, const void* from, size_t bytes, int kind, void* stream) {
  {
    std::lock_guard<std::recursive_mutex> hold(state);
    const Block *a = block_of(to, bytes), *b = block_of(from, bytes);
    if (!a || !b) return fail(INVALID_VALUE, "cudaMemcpyAsync", "an address outside device and pinned memory");
    if ((a->device < 0) != (kind == 2) || (b->device < 0) != (kind == 1) || kind < 1 || kind > 3)
      return fail(INVALID_VALUE, "cudaMemcpyAsync", "the direction is not that of the addresses");
    Stream* s = known(stream);
    if (s && ((a->device >= 0 && a->device != s->device) || (b->device >= 0 && b->device != s->device)))
      return fail(INVALID_VALUE, "cudaMemcpyAsync", "memory of another device than the stream's");
  }
  return standin::submit(stream, [=] { std::memcpy(to, from, bytes); });
}
int cudaMemsetAsync(void* p, int value, size_t bytes, void* stream) {
  if (!fizzy_standin_on_device(p, bytes, stream)) return fail(INVALID_VALUE, "cudaMemsetAsync", "an address outside the device's memory");
  return standin::submit(stream, [=] { std::memset(p, value, bytes); });
}

// ---- streams and events ------------------------------------------------------------------------------------------------------
int cudaStreamCreateWithFlags(void** stream, unsigned) {
  if (int refused = refused_in_capture("cudaStreamCreateWithFlags")) return refused;
  std::lock_guard<std::recursive_mutex> hold(state);
  auto s = new Stream();
  s->device = device;
  streams.insert(s);
  *stream = s;
  return SUCCESS;
}
int cudaStreamDestroy(void* stream) {
  Stream* s = known(stream);
  if (!s) return fail(INVALID_HANDLE, "cudaStreamDestroy", "no such stream");
  drain(s);
  std::lock_guard<std::recursive_mutex> hold(state);
  streams.erase(s);
  return SUCCESS;  // the object stays: an event may still name it
}
int cudaStreamSynchronize(void* stream) {
  if (int refused = refused_in_capture("cudaStreamSynchronize")) return refused;
  Stream* s = known(stream);
  if (!s) return fail(INVALID_HANDLE, "cudaStreamSynchronize", "no such stream");
  counters[WAITS]++;
  drain(s);
  return last_error = lost;
}
int cudaDeviceSynchronize() {
  if (int refused = refused_in_capture("cudaDeviceSynchronize")) return refused;
  counters[WAITS]++;
  for (Stream* s : std::vector<Stream*>(streams.begin(), streams.end()))
    if (s->device == device) drain(s);
  return last_error = lost;
}
int cudaEventCreateWithFlags(void** event, unsigned) {
  std::lock_guard<std::recursive_mutex> hold(state);
  auto e = new Event();
  events.insert(e);
  *event = e;
  return SUCCESS;
}
int cudaEventDestroy(void* event) {
  std::lock_guard<std::recursive_mutex> hold(state);
  if (events.erase(static_cast<Event*>(event)) == 0) return fail(INVALID_HANDLE, "cudaEventDestroy", "no such event");
  return SUCCESS;
}
int cudaEventRecord(void* event, void* stream) {
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  auto e = static_cast<Event*>(event);
  if (!s || !among(events, event)) return fail(INVALID_HANDLE, "cudaEventRecord", "no such event or stream");
  if (s->capture) return fail(CAPTURE_UNSUPPORTED, "cudaEventRecord", "events inside a captured stage are not what the engine does");
  e->stream = s;
  e->left = submitted[s];
  return SUCCESS;
}
static double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}
int cudaEventSynchronize(void* event) {
  if (int refused = refused_in_capture("cudaEventSynchronize")) return refused;
  if (!among(events, event)) return fail(INVALID_HANDLE, "cudaEventSynchronize", "no such event");
  auto e = static_cast<Event*>(event);
  if (e->stream) drain(e->stream, e->left);
  e->seconds = now();
  return last_error = lost;
}
int cudaEventElapsedTime(float* milliseconds, void* from, void* to) {
  auto a = static_cast<Event*>(from), b = static_cast<Event*>(to);
  if (!among(events, from) || !among(events, to)) return fail(INVALID_HANDLE, "cudaEventElapsedTime", "no such event");
  *milliseconds = std::max(1e-6, (b->seconds - a->seconds) * 1e3);
  return SUCCESS;
}
int cudaStreamWaitEvent(void* stream, void* event, unsigned) {
  Stream* s = known(stream);
  if (!s || !among(events, event)) return fail(INVALID_HANDLE, "cudaStreamWaitEvent", "no such event or stream");
  auto e = static_cast<Event*>(event);
  Stream* of = e->stream;
  size_t left = e->left;
  if (!of || of == s) return SUCCESS;
  return standin::submit(stream, [=] { drain(of, left); });
}

// ---- graphs ------------------------------------------------------------------------------------------------------------------
int cudaStreamBeginCapture(void* stream, int) {
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  if (!s || s->capture) return fail(INVALID_VALUE, "cudaStreamBeginCapture", "no such stream, or it is being captured");
  s->capture = new Graph();
  s->broken = false;
  graphs.insert(s->capture);
  captures++;
  return SUCCESS;
}
int cudaStreamEndCapture(void* stream, void** graph) {
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  if (!s || !s->capture) return fail(CAPTURE_UNMATCHED, "cudaStreamEndCapture", "nothing is being captured");
  captures--;
  Graph* g = std::exchange(s->capture, nullptr);
  if (s->broken) {
    graphs.erase(g);
    delete g;
    *graph = nullptr;
    return last_error = CAPTURE_INVALIDATED;
  }
  *graph = g;
  return SUCCESS;
}
int cudaGraphInstantiate(void** executable, void* graph, unsigned long long) {
  if (int refused = refused_in_capture("cudaGraphInstantiate")) return refused;
  if (!among(graphs, graph)) return fail(INVALID_VALUE, "cudaGraphInstantiate", "no such graph");
  std::lock_guard<std::recursive_mutex> hold(state);
  auto e = new Graph(*static_cast<Graph*>(graph));
  executables.insert(e);
  *executable = e;
  return SUCCESS;
}
int cudaGraphDestroy(void* graph) {
  std::lock_guard<std::recursive_mutex> hold(state);
  auto g = static_cast<Graph*>(graph);
  if (graphs.erase(g) == 0) return fail(INVALID_VALUE, "cudaGraphDestroy", "no such graph");
  delete g;
  return SUCCESS;
}
int cudaGraphUpload(void* executable, void*) { return among(executables, executable) ? SUCCESS : INVALID_VALUE; }
int cudaGraphExecDestroy(void* executable) {
  std::vector<Stream*> all;
  {
    std::lock_guard<std::recursive_mutex> hold(state);
    all.assign(streams.begin(), streams.end());
  }
  for (Stream* s : all) drain(s);
  std::lock_guard<std::recursive_mutex> hold(state);
  auto e = static_cast<Graph*>(executable);
  if (executables.erase(e) == 0) return fail(INVALID_VALUE, "cudaGraphExecDestroy", "no such executable graph");
  delete e;
  return SUCCESS;
}
int cudaGraphLaunch(void* executable, void* stream) {
  if (!among(executables, executable)) return fail(INVALID_VALUE, "cudaGraphLaunch", "no such executable graph");
  counters[GRAPH_LAUNCHES]++;
  auto e = static_cast<Graph*>(executable);
  return standin::submit(stream, [e] {
    for (const Task& task : e->tasks) execute(task);
  });
}

}  // extern "C"
