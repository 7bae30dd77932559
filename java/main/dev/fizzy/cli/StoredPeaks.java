package dev.fizzy.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.fizzy.engine.CacheFolder;
import dev.fizzy.engine.profile.Peak;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The measured peaks of this machine, by the description of the device, in {@code peaks.json} of
 * the cache folder. A file that cannot be read or written costs another measurement, no result.
 */
final class StoredPeaks {
  private static final Logger log = LoggerFactory.getLogger(StoredPeaks.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;

  StoredPeaks(Path file) {
    this.file = file;
  }

  /** Those of this user. */
  static StoredPeaks ofUser() {
    return new StoredPeaks(CacheFolder.path().resolve("peaks.json"));
  }

  /** The stored peak of a device, or null; an older version kept none of the caches. */
  Peak find(String device) {
    Peak stored = read().get(device);
    return stored == null || stored.caches() == null ? null : stored;
  }

  /** Stores a peak; replaces an older one of the device. */
  void keep(Peak peak) {
    Map<String, Peak> all = read();
    all.put(peak.device(), peak);
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(all));
    } catch (FileException | IOException e) {
      log.warn("the measured peak cannot be kept: {}", e.getMessage());
    }
  }

  private Map<String, Peak> read() {
    if (!Files.exists(file)) {
      return new TreeMap<>();
    }
    try {
      return new TreeMap<>(
          JSON.readValue(file.toFile(), new TypeReference<Map<String, Peak>>() {}));
    } catch (IOException e) {
      log.warn("{} cannot be read and will be replaced", file);
      return new TreeMap<>();
    }
  }
}
