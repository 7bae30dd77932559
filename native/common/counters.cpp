// Hardware counters of the threads of this process, by perf_event_open.
#include <dirent.h>
#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "common/check.h"
#include "fizzy/cpu.h"

namespace fizzy {

// Opened files by counter, one a thread.
struct Counters {
  std::vector<std::vector<int>> files;
  ~Counters() {
    for (auto& of_counter : files)
      for (int file : of_counter) close(file);
  }
};

namespace {

struct Event {
  uint32_t type;
  uint64_t number;
};
const std::vector<Event> HARDWARE{{PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
                                  {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
                                  {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES}};
const std::vector<Event> CLOCK{{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK}};

int open_event(const Event& event, int thread) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = event.type;
  attributes.config = event.number;
  attributes.inherit = 1;  // threads that a counted one starts
  attributes.exclude_kernel = attributes.exclude_hv = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

std::vector<int> thread_ids() {
  std::vector<int> ids;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), &closedir);
  check(folder != nullptr, "/proc/self/task cannot be read");
  while (dirent* entry = readdir(folder.get()))
    if (int id = std::atoi(entry->d_name)) ids.push_back(id);
  return ids;
}

}  // namespace

const char* counters_refusal(int error) {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP: return "this machine shows no hardware counters; most virtual machines hide them";
    case EACCES:
    case EPERM:
      return "the system does not grant hardware counters: /proc/sys/kernel/perf_event_paranoid must be 2 or less, and a container must permit "
             "perf_event_open";
    case EMFILE: return "hardware counters need more open files than `ulimit -n` permits";
    default: return std::strerror(error);
  }
}

Counters* counters_open(bool clock) {
  auto counters = std::make_unique<Counters>();
  std::vector<int> threads = thread_ids();
  for (auto& event : clock ? CLOCK : HARDWARE) {
    auto& files = counters->files.emplace_back();
    for (int thread : threads) {
      int file = open_event(event, thread), error = errno;
      if (file < 0 && error == ESRCH) continue;  // the thread has ended
      check(file >= 0, counters_refusal(error));
      files.push_back(file);
    }
  }
  return counters.release();
}

void counters_close(Counters* counters) { delete counters; }

int64_t counters_read(const Counters* counters, int which) {
  check(which >= 0 && which < static_cast<int>(counters->files.size()), "no counter ", which);
  double sum = 0;
  for (int file : counters->files[which]) {
    uint64_t value[3];  // count, nanoseconds wanted, nanoseconds counted: fewer if there are more events than counters
    if (read(file, value, sizeof value) == sizeof value && value[2] > 0)
      sum += static_cast<double>(value[0]) * static_cast<double>(value[1]) / static_cast<double>(value[2]);
  }
  return static_cast<int64_t>(sum);
}

int64_t preemptions() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

}  // namespace fizzy
