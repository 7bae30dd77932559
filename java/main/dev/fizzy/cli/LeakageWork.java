package dev.fizzy.cli;

import dev.fizzy.cluster.MergedWork;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.recognition.LeakageSearch;
import java.util.List;

/**
 * The search of {@code evaluate leakage} on an executor.
 *
 * @param arguments of the command
 * @param checksum of the embeddings, which the worker must have as well
 * @param wanted number of parts to divide the search into, about
 */
record LeakageWork(List<String> arguments, String checksum, int wanted)
    implements MergedWork<LeakageSearch.Found> {
  @Override
  public String key() {
    return toString();
  }

  @Override
  public Opened<LeakageSearch.Found> open() {
    LeakageSearch search =
        Resent.parsed(arguments, EvaluateLeakageCommand.class).openOnWorker(checksum);
    return (part, threads, done) -> {
      try (Device device = Devices.open(Devices.CPU, threads)) {
        return search.part(device, part.index() - 1, wanted, done);
      }
    };
  }

  @Override
  public LeakageSearch.Found merge(LeakageSearch.Found one, LeakageSearch.Found other) {
    return one.merge(other);
  }
}
