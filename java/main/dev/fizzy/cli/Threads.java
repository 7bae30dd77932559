package dev.fizzy.cli;

import picocli.CommandLine.Option;

/** Mixin: how many threads a command's own work may use. */
final class Threads {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads to use; default: one a processor (${DEFAULT-VALUE}). Results do not depend on it.")
  @Range(min = 1)
  private int threads = Runtime.getRuntime().availableProcessors();

  int count() {
    return threads;
  }
}
