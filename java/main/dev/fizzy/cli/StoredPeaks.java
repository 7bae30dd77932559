package dev.fizzy.cli;

import dev.fizzy.engine.CacheFolder;
import dev.fizzy.engine.profile.Peak;
import java.nio.file.Path;

/** The measured peaks of this machine, by the description of the device. */
final class StoredPeaks {
  private final CacheTable<Peak> table;

  StoredPeaks(Path file) {
    this.table = new CacheTable<>(file, Peak.class);
  }

  /** Those of this user. */
  static StoredPeaks ofUser() {
    return new StoredPeaks(CacheFolder.path().resolve("peaks.json"));
  }

  /** The stored peak of a device, or null; an older version kept none of the caches. */
  Peak find(String device) {
    Peak stored = table.read().get(device);
    return stored == null || stored.caches() == null ? null : stored;
  }

  /** Stores a peak; replaces an older one of the device. */
  void keep(Peak peak) {
    table.change(
        all -> {
          all.put(peak.device(), peak);
          return all;
        });
  }
}
