package dev.fizzy.cli;

import picocli.CommandLine.Option;

/** Mixin: how many new identities, and the seed that they are drawn by. */
final class IdentityCount {
  @Option(names = "--count", required = true, paramLabel = "N", description = "Identities.")
  @Range(min = 1)
  int count;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Seed that they are drawn by; default: ${DEFAULT-VALUE}.")
  long seed;
}
