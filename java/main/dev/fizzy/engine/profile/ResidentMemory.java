package dev.fizzy.engine.profile;

import dev.fizzy.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process that is in RAM, in bytes. */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");

  private ResidentMemory() {}

  /** Now. */
  public static long now() {
    return field("VmRSS");
  }

  /** The most since the last {@link #resetPeak}, or since the process began. */
  public static long peak() {
    return field("VmHWM");
  }

  /** Forgets the peak; throws if the system does not allow it. */
  public static void resetPeak() {
    try {
      Files.writeString(RESET, "5");
    } catch (IOException e) {
      throw new EngineException("the peak of the memory cannot be reset: " + RESET, e);
    }
  }

  private static long field(String name) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow(() -> new EngineException(STATUS + " has no " + name));
    } catch (IOException e) {
      throw new EngineException(STATUS + " cannot be read", e);
    }
  }
}
