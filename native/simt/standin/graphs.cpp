// Captures and graphs of the stand-in for libcudart.so.13.
#include <utility>

#include "simt/standin/cudart.h"

using namespace standin;

extern "C" {

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
  drain_device();
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
  return submit(stream, [e, on = device] {
    for (const Task& task : e->tasks) execute(task, on);
  });
}

}  // extern "C"
