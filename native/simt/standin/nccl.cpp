// Stand-in for libnccl.so.2: means and sums over the devices of one process, each rank driven by its own thread, ranks added in order. Cases
// in which NCCL would wait are errors here: a rank that does not arrive within a minute, a communicator that is destroyed while work or a
// graph still uses it, and one that is destroyed or aborted while another rank does neither, or does the other. Aborting a communicator
// ends its waits, and their collectives are not computed.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "simt/standin/standin.h"

namespace {

enum { SUCCESS = 0, INVALID = 4, INTERNAL = 3, FLOAT32 = 7, SUM = 0, AVERAGE = 4 };
constexpr auto PATIENCE = std::chrono::seconds(60);

struct Round {
  std::vector<const float*> from;
  std::vector<float*> to;
  size_t count = 0;
  int arrived = 0, left = 0;
};
struct Group {
  std::mutex lock;
  std::condition_variable changed;
  int ranks = 0, joined = 0, finalized = 0, destroyed = 0, aborted = 0;
  std::map<uint64_t, Round> rounds;
};
struct Communicator {
  std::shared_ptr<Group> group;
  int rank, device;
  uint64_t executed = 0;
  std::atomic<bool> aborted{false}, finalized{false};
  std::shared_ptr<int> named = std::make_shared<int>();  // held by work and graphs that still use it
};
struct Id {
  char bytes[128];
};

std::mutex all_lock;
std::map<std::string, std::shared_ptr<Group>> all;

int fail(const std::string& why, int status = INVALID) {
  standin::complain("NCCL: ", why);
  return status;
}

// One rank's part of a collective: the last rank to arrive computes for all.
void meet(Communicator* c, const float* from, float* to, size_t count, bool average) {
  Group& g = *c->group;
  std::unique_lock<std::mutex> hold(g.lock);
  if (c->aborted) return;
  uint64_t number = c->executed++;
  Round& r = g.rounds[number];
  r.from.resize(g.ranks), r.to.resize(g.ranks);
  if (r.arrived > 0 && r.count != count) fail("ranks have different counts");
  r.from[c->rank] = from, r.to[c->rank] = to, r.count = count;
  if (++r.arrived == g.ranks) {
    for (size_t i = 0; i < count; i++) {
      float sum = 0;
      for (const float* p : r.from) sum += p[i];
      if (average) sum /= static_cast<float>(g.ranks);
      for (float* p : r.to) p[i] = sum;
    }
    g.changed.notify_all();
  } else if (!g.changed.wait_for(hold, PATIENCE, [&] { return r.arrived == g.ranks || c->aborted; })) {
    fail("a rank did not arrive at a collective");
    return;
  }
  if (r.arrived == g.ranks && ++r.left == g.ranks) g.rounds.erase(number);
}

// Counts a rank in one way of ending, and waits until all ranks end in this way.
int together(Group& g, int Group::* way, const char* what) {
  std::unique_lock<std::mutex> hold(g.lock);
  g.*way += 1;
  g.changed.notify_all();
  if (!g.changed.wait_for(hold, PATIENCE, [&] { return g.*way == g.ranks || (way != &Group::aborted && g.aborted > 0); }) || g.*way != g.ranks)
    return fail(std::string("not all ranks ") + what + " their communicators", INTERNAL);
  return SUCCESS;
}

int end(Communicator* c) {
  auto deadline = std::chrono::steady_clock::now() + PATIENCE;
  while (c->named.use_count() > 1) {
    if (std::chrono::steady_clock::now() > deadline) return fail("a graph or work still uses a communicator that is being destroyed", INTERNAL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  delete c;
  fizzy_standin_living(-1);
  return SUCCESS;
}

}  // namespace

extern "C" {

const char* ncclGetErrorString(int) { return "stand-in error"; }
int ncclGetUniqueId(Id* id) {
  static std::atomic<int> next{1};
  std::memset(id, 0, sizeof *id);
  int number = next++;
  std::memcpy(id->bytes, &number, sizeof number);
  return SUCCESS;
}
int ncclCommInitRank(void** made, int ranks, Id id, int rank) {
  if (rank < 0 || rank >= ranks) return fail("rank " + std::to_string(rank) + " of " + std::to_string(ranks));
  std::shared_ptr<Group> group;
  {
    std::lock_guard<std::mutex> hold(all_lock);
    auto& g = all[std::string(id.bytes, sizeof id.bytes)];
    if (!g) g = std::make_shared<Group>();
    group = g;
  }
  std::unique_lock<std::mutex> hold(group->lock);
  group->ranks = ranks;
  group->joined++;
  group->changed.notify_all();
  if (!group->changed.wait_for(hold, PATIENCE, [&] { return group->joined == ranks; })) return fail("not all ranks joined", INTERNAL);
  auto c = new Communicator();
  c->group = group, c->rank = rank, c->device = fizzy_standin_device();
  *made = c;
  fizzy_standin_living(1);
  return SUCCESS;
}
int ncclCommFinalize(void* comm) {
  auto c = static_cast<Communicator*>(comm);
  c->finalized = true;
  return together(*c->group, &Group::finalized, "finalize");
}
int ncclCommDestroy(void* comm) {
  auto c = static_cast<Communicator*>(comm);
  if (!c->finalized) fail("a communicator is destroyed that was not finalized");
  std::shared_ptr<Group> group = c->group;
  int status = end(c);
  return status == SUCCESS ? together(*group, &Group::destroyed, "destroy") : status;
}
int ncclCommAbort(void* comm) {
  auto c = static_cast<Communicator*>(comm);
  {
    std::lock_guard<std::mutex> hold(c->group->lock);
    c->aborted = true;
  }
  std::shared_ptr<Group> group = c->group;
  group->changed.notify_all();
  int status = end(c);
  return status == SUCCESS ? together(*group, &Group::aborted, "abort") : status;
}
int ncclAllReduce(const void* from, void* to, size_t count, int type, int operation, void* comm, void* stream) {
  auto c = static_cast<Communicator*>(comm);
  if (type != FLOAT32 || (operation != SUM && operation != AVERAGE)) return fail("type or operation");
  if (c->device != fizzy_standin_device()) return fail("the communicator belongs to a device other than the thread's");
  if (!fizzy_standin_on_device(from, 4 * count, stream) || !fizzy_standin_on_device(to, 4 * count, stream))
    return fail("memory of another device");
  return standin::submit(
             stream,
             [=, named = c->named] { meet(c, static_cast<const float*>(from), static_cast<float*>(to), count, operation == AVERAGE); }) == 0
             ? SUCCESS
             : INTERNAL;
}

}  // extern "C"
