package dev.fizzy.cli;

import picocli.CommandLine.Option;

/** Mixin: number and seed of the identities to draw. */
final class IdentityCount {
  @Option(
      names = "--count",
      required = true,
      paramLabel = "N",
      description = "Number of identities.")
  @Range(min = 1)
  int count;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  long seed;
}
