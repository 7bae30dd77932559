// Captures and graphs of the stand-in for libcudart.so.13.
#include <functional>
#include <utility>

#include "simt/standin/cudart.h"

namespace standin {

// An order that the graph allows: work of forked streams as early as it may run (eager), or as late.
std::vector<size_t> Graph::order(bool eager) const {
  std::vector<size_t> order;
  std::vector<bool> done(nodes.size());
  auto ready = [&](size_t i) {
    for (size_t before : nodes[i].after)
      if (!done[before]) return false;
    return true;
  };
  std::function<void(size_t)> take = [&](size_t i) {
    if (done[i]) return;
    for (size_t before : nodes[i].after) take(before);
    done[i] = true;
    order.push_back(i);
    if (eager)
      for (size_t f = 0; f < nodes.size(); f++)
        if (nodes[f].forked && !done[f] && ready(f)) take(f);
  };
  for (size_t i = 0; i < nodes.size(); i++)
    if (!nodes[i].forked) take(i);
  for (size_t i = 0; i < nodes.size(); i++) take(i);
  return order;
}

// Whether the captured stream, which next waits for `latest`, waits for all work of forked streams.
bool Graph::joined(const std::set<size_t>& latest) const {
  std::set<size_t> awaited = latest;
  for (const Node& node : nodes) awaited.insert(node.after.begin(), node.after.end());
  for (size_t i = 0; i < nodes.size(); i++)
    if (nodes[i].forked && !awaited.count(i)) return false;
  return true;
}

}  // namespace standin

using namespace standin;

extern "C" {

int cudaStreamBeginCapture(void* stream, int) {
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  if (!s || s->capture) return fail(INVALID_VALUE, "cudaStreamBeginCapture", "no such stream, or it is being captured");
  s->capture = new Graph();
  s->forked = s->broken = false;
  s->latest.clear();
  graphs.insert(s->capture);
  captures++;
  return SUCCESS;
}
int cudaStreamEndCapture(void* stream, void** graph) {
  std::lock_guard<std::recursive_mutex> hold(state);
  Stream* s = known(stream);
  if (!s || !s->capture || s->forked) return fail(CAPTURE_UNMATCHED, "cudaStreamEndCapture", "no capture began on this stream");
  captures--;
  Graph* g = s->capture;
  for (Stream* other : streams)
    if (other->capture == g) other->capture = nullptr;
  bool joined = g->joined(s->latest);
  if (s->broken || !joined) {
    graphs.erase(g);
    delete g;
    *graph = nullptr;
    return last_error = s->broken ? CAPTURE_INVALIDATED : CAPTURE_UNJOINED;
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
  bool eager = e->launches++ % 2;  // both orders, by turns
  return submit(stream, [e, eager, on = device] {
    for (size_t i : e->order(eager)) execute(e->nodes[i].task, on);
  });
}

}  // extern "C"
