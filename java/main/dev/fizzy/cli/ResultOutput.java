package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.report.StoredResult;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Mixin: a measurement's result, printed, and with --out kept for {@code fizzy report}. */
final class ResultOutput extends JsonOutput {
  @Option(
      names = "--out",
      paramLabel = "FILE.json",
      description = "Keep the result here as well, for `fizzy report` to find.")
  private Path out;

  private long begin;

  /** To be called first: looks whether the result can be kept, and starts the clock. */
  void begin() {
    begin = System.nanoTime();
    if (out != null) {
      Outputs.checkFile(out);
    }
  }

  /**
   * Prints the result and keeps it.
   *
   * @param kind what was measured
   * @param threads that were used
   */
  void publish(String kind, int threads, Map<String, Object> fields, String text) {
    if (out != null) {
      new StoredResult(
              kind,
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
              Version.number(),
              commandLine(),
              hardware(threads),
              (System.nanoTime() - begin) / 1e9,
              fields)
          .write(out);
    }
    print(fields, text);
  }

  private String commandLine() {
    CommandLine root = command();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    return root.getParseResult().originalArgs().stream()
        .map(arg -> arg.matches("[\\w./=:,+@%-]+") ? arg : "'" + arg.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" ", "fizzy ", ""));
  }

  private static String hardware(int threads) {
    try (Device device = Devices.open("cpu", threads)) {
      // The last part is a path on this machine, which says nothing to others.
      return device.description().replaceFirst(", /[^,]*$", "");
    }
  }
}
