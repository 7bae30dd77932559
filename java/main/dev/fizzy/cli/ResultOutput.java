package dev.fizzy.cli;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Mixin: the result of an evaluation, printed, and with --out also written for {@code fizzy
 * report}.
 */
final class ResultOutput extends JsonOutput {
  @Option(
      names = "--out",
      paramLabel = "FILE.json",
      description = "Also write the result to this JSON file, for `fizzy report`.")
  private Path out;

  private long begin;

  /** Checks that the result can be written and starts the clock; call first. */
  void begin() {
    begin = System.nanoTime();
    if (out != null) {
      Outputs.checkFile(out, ".json");
    }
  }

  /**
   * Prints the result and, with --out, writes it.
   *
   * @param kind what was measured
   * @param threads number of threads used
   */
  void publish(String kind, int threads, Map<String, Object> fields, String text) {
    if (out != null) {
      keep(kind, out, begin, threads, fields);
    }
    print(fields, text);
  }
}
