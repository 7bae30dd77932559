package dev.fizzy.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.fizzy.engine.profile.ResidentMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of the machine, or of the container that this process runs in. */
final class HostMemory {
  private static final Path FILE = Path.of("/proc/meminfo");

  private HostMemory() {}

  /** Bytes that this process may still take without forcing others to disk. */
  static long available() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long limit = system.getTotalMemorySize() - ResidentMemory.now();
    return Math.max(0, Math.min(limit, free()));
  }

  private static long free() {
    try {
      return Files.readAllLines(FILE).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(Long.MAX_VALUE);
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}
