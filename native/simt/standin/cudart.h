// Shared by the parts of the stand-in for libcudart.so.13: cudart.cpp (devices, errors, the report at exit), memory.cpp, streams.cpp (with
// events), graphs.cpp.
#pragma once
#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "simt/standin/standin.h"

namespace standin {

enum Error {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_HANDLE = 400,
  NOT_READY = 600,
  LAUNCH_FAILURE = 719,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
  CAPTURE_UNMATCHED = 903,
  CAPTURE_UNJOINED = 904,
  CAPTURE_ISOLATION = 905
};
// Counters that tests read through cudaDeviceGetLimit(COUNTERS + i).
enum Counter { LAUNCHES, GRAPH_LAUNCHES, WAITS, VIOLATIONS, LIVING, ALLOCATIONS, COUNTER_COUNT };

struct Task {
  std::shared_ptr<void> work;
  void (*run)(void*);
};
// Captured work: what it waits for, and whether a stream that the captured one forked has submitted it.
struct Node {
  Task task;
  std::set<size_t> after;
  bool forked;
};
struct Graph {
  std::vector<Node> nodes;
  size_t launches = 0;
  std::vector<size_t> order(bool eager) const;
  bool joined(const std::set<size_t>& latest) const;
};
struct Stream {
  int device;
  std::deque<Task> queue;
  size_t submitted = 0, done = 0;
  Graph* capture = nullptr;
  bool forked = false;      // whether it joined the capture of another stream
  std::set<size_t> latest;  // nodes of the capture that its next work waits for
  bool broken = false;      // whether the capture failed
  std::recursive_mutex running;
};
struct Event {
  Stream* stream = nullptr;
  size_t left = 0;           // number of tasks in the stream before it
  Graph* capture = nullptr;  // in which it was recorded, after these nodes
  std::set<size_t> after;
  double seconds = 0;
};
struct Block {
  size_t bytes;
  int device;  // -1: pinned host memory
};

constexpr int MOST_DEVICES = 8;

// Guarded by `state`.
extern std::recursive_mutex state;
extern std::map<const char*, Block> blocks;
extern std::set<Stream*> streams;
extern std::set<Event*> events;
extern std::set<Graph*> graphs, executables;

extern thread_local int device;    // of the calling thread
extern thread_local int captures;  // captures that the thread has begun and not ended
extern thread_local int last_error;
extern std::atomic<int> lost[MOST_DEVICES];       // the error of a device that is lost
extern std::atomic<long> executed[MOST_DEVICES];  // pieces of work, including those in graphs
extern std::atomic<long> counters[COUNTER_COUNT];

inline long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atol(text) : otherwise;
}

int fail(int error, const char* call, const std::string& why);
// The error of a call that is not allowed while the calling thread captures, or whose device is lost.
int refused_in_capture(const char* call);
void execute(const Task& task, int on);
// Runs a stream's queue until `count` tasks in total are done.
void drain(Stream* stream, size_t count = SIZE_MAX);
// Runs all queues of the calling thread's device until they are empty.
void drain_device();
Stream* known(void* stream);

template <typename T>
bool among(const std::set<T*>& all, void* one) {
  std::lock_guard<std::recursive_mutex> hold(state);
  return all.count(static_cast<T*>(one)) > 0;
}

}  // namespace standin
