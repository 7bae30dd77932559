package dev.fizzy.cli;

import picocli.CommandLine.Option;

/** Mixin: number of threads. */
final class Threads {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Number of threads; does not change the results; default: the number of processors"
              + " (${DEFAULT-VALUE}).")
  @Range(min = 1, max = 1024)
  private int threads = Runtime.getRuntime().availableProcessors();

  int count() {
    return threads;
  }
}
