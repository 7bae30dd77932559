package dev.fizzy.cluster;

import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Kinds of processors. Images have the same bytes on processors of one kind. */
final class Processors {
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  private Processors() {}

  /**
   * The kind of this machine's processor: the instruction-set level and the sizes of its caches, by
   * which oneDNN chooses its blocks; or the GPU's description.
   *
   * @param device such as "cpu" or "cuda:1"
   */
  static String kind(String device) {
    return device.equals(Devices.CPU)
        ? "cpu " + Devices.level() + ", caches " + caches()
        : Devices.gpus().stream()
            .filter(gpu -> gpu.startsWith(device + " "))
            .map(gpu -> gpu.substring(device.length() + 1))
            .findFirst()
            .orElse(device);
  }

  /**
   * Throws if a worker would compute other bits than the others.
   *
   * @param wanted the kind of the others; null for any
   * @param kind of this worker
   */
  static void check(String wanted, String kind) {
    if (wanted != null && !wanted.equals(kind)) {
      throw new FileException(
          "this worker computes with "
              + kind
              + ", others with "
              + wanted
              + ", which gives other bytes; --conf spark.executorEnv.FIZZY_CPU_LEVEL=avx2 makes"
              + " instruction sets equal, --allow-mixed accepts the difference");
    }
  }

  private static String caches() {
    try (Stream<Path> caches = Files.list(CACHES)) {
      return caches
          .map(cache -> cache.resolve("size"))
          .filter(Files::exists)
          .sorted()
          .map(Processors::text)
          .collect(Collectors.joining(" "));
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "?";
    }
  }
}
