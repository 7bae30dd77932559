package dev.fizzy.cli;

import dev.fizzy.engine.CacheFolder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** The last time of each network that {@code fizzy profile} measured on this machine. */
final class StoredTimes {
  private static final int MOST = 200;

  /**
   * @param seconds of a replay
   * @param measured ISO 8601 in UTC
   * @param busy whether the machine had other work
   */
  record Time(double seconds, String measured, boolean busy) {}

  private final CacheTable<Time> table;

  StoredTimes(Path file) {
    this.table = new CacheTable<>(file, Time.class);
  }

  /** Those of this user. */
  static StoredTimes ofUser() {
    return new StoredTimes(CacheFolder.path().resolve("times.json"));
  }

  /** The last time of a network with these settings on a device, or null. */
  Time find(Map<String, Object> network, String device) {
    return table.read().get(key(network, device));
  }

  /** Stores a time; replaces an older one, and the oldest of all where there are many. */
  void keep(Map<String, Object> network, String device, Time time) {
    table.change(
        all -> {
          all.put(key(network, device), time);
          if (all.size() > MOST) {
            all.values().remove(oldest(all));
          }
          return all;
        });
  }

  private static Time oldest(TreeMap<String, Time> all) {
    return all.values().stream().min(Comparator.comparing(Time::measured)).orElseThrow();
  }

  private static String key(Map<String, Object> network, String device) {
    return new TreeMap<>(network) + " on " + device;
  }
}
