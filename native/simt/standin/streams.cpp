// Streams and events of the stand-in for libcudart.so.13: a stream is a queue that runs only when it is waited for.
#include <algorithm>
#include <ctime>
#include <exception>

#include "simt/standin/cudart.h"

namespace standin {

int refused_in_capture(const char* call) {
  if (lost[device]) return last_error = lost[device];
  if (captures == 0) return SUCCESS;
  std::lock_guard<std::recursive_mutex> hold(state);
  for (Stream* s : streams)
    if (s->capture && s->device == device) s->broken = true;
  return fail(CAPTURE_UNSUPPORTED, call, "not allowed while a stream is being captured");
}

void execute(const Task& task, int on) {
  static const long lose_after = setting("FIZZY_STANDIN_LOSE_AFTER", 0), lose_device = setting("FIZZY_STANDIN_LOSE_DEVICE", 0);
  if (lost[on]) return;
  if (++executed[on] >= lose_after && lose_after && on == lose_device) {
    lost[on] = LAUNCH_FAILURE;
    return;
  }
  try {
    task.run(task.work.get());
  } catch (const std::exception& e) {
    complain("work on a stream: ", e.what());
    lost[on] = LAUNCH_FAILURE;
  }
}

void drain(Stream* stream, size_t count) {
  std::lock_guard<std::recursive_mutex> one(stream->running);
  for (;;) {
    Task task;
    {
      std::lock_guard<std::recursive_mutex> hold(state);
      if (stream->queue.empty() || stream->done >= count) return;
      task = stream->queue.front();
      stream->queue.pop_front();
    }
    execute(task, stream->device);
    std::lock_guard<std::recursive_mutex> hold(state);
    stream->done++;
  }
}

void drain_device() {
  std::vector<Stream*> mine;
  {
    std::lock_guard<std::recursive_mutex> hold(state);
    std::copy_if(streams.begin(), streams.end(), std::back_inserter(mine), [](Stream* s) { return s->device == device; });
  }
  for (Stream* s : mine) drain(s);
}

Stream* known(void* stream) { return among(streams, stream) ? static_cast<Stream*>(stream) : nullptr; }

}  // namespace standin

using namespace standin;

extern "C" {

int fizzy_standin_submit(void* stream, void (*run)(void*), void (*drop)(void*), void* work) {
  Task task{std::shared_ptr<void>(work, drop), run};
  if (lost[device]) return last_error = lost[device];
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  if (s == nullptr) return fail(INVALID_HANDLE, "launch", "no such stream; the default stream is not used here");
  if (s->device != device) return fail(INVALID_HANDLE, "launch", "the stream belongs to a device other than the thread's");
  counters[LAUNCHES]++;
  if (s->capture) {
    s->capture->nodes.push_back({task, s->latest, s->forked});
    s->latest = {s->capture->nodes.size() - 1};
  } else {
    s->queue.push_back(task);
    s->submitted++;
  }
  return SUCCESS;
}

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
  return SUCCESS;  // the object is kept, since an event may still refer to it
}
int cudaStreamSynchronize(void* stream) {
  if (int refused = refused_in_capture("cudaStreamSynchronize")) return refused;
  Stream* s = known(stream);
  if (!s) return fail(INVALID_HANDLE, "cudaStreamSynchronize", "no such stream");
  counters[WAITS]++;
  drain(s);
  return last_error = lost[s->device];
}
int cudaDeviceSynchronize() {
  if (int refused = refused_in_capture("cudaDeviceSynchronize")) return refused;
  counters[WAITS]++;
  drain_device();
  return last_error = lost[device];
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
  e->stream = s;
  e->capture = s->capture;
  e->after = s->latest;
  e->left = s->submitted;
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
  counters[WAITS]++;
  auto e = static_cast<Event*>(event);
  if (e->capture) return fail(CAPTURE_UNSUPPORTED, "cudaEventSynchronize", "the event was recorded in a capture");
  if (e->stream) drain(e->stream, e->left);
  e->seconds = now();
  return last_error = e->stream ? lost[e->stream->device].load() : SUCCESS;
}
int cudaEventElapsedTime(float* milliseconds, void* from, void* to) {
  auto a = static_cast<Event*>(from), b = static_cast<Event*>(to);
  if (!among(events, from) || !among(events, to)) return fail(INVALID_HANDLE, "cudaEventElapsedTime", "no such event");
  *milliseconds = static_cast<float>(std::max(1e-6, (b->seconds - a->seconds) * 1e3));
  return SUCCESS;
}
int cudaStreamWaitEvent(void* stream, void* event, unsigned) {
  Stream* s = known(stream);
  if (!s || !among(events, event)) return fail(INVALID_HANDLE, "cudaStreamWaitEvent", "no such event or stream");
  auto e = static_cast<Event*>(event);
  {
    std::lock_guard<std::recursive_mutex> hold(state);
    if (e->capture != s->capture && s->capture) return fail(CAPTURE_ISOLATION, "cudaStreamWaitEvent", "the event lies outside the capture");
    if (e->capture && !s->capture) s->capture = e->capture, s->forked = true, s->broken = false, s->latest.clear();
    if (s->capture) return s->latest.insert(e->after.begin(), e->after.end()), SUCCESS;
  }
  Stream* of = e->stream;
  size_t left = e->left;
  if (!of || of == s) return SUCCESS;
  return submit(stream, [=] { drain(of, left); });
}

}  // extern "C"
