package dev.fizzy.cli;

import java.nio.file.Path;
import java.util.Map;
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
      keep(kind, out, begin, threads, fields);
    }
    print(fields, text);
  }
}
