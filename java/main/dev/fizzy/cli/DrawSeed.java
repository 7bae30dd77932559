package dev.fizzy.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: the seed of a command that draws only with another option. */
final class DrawSeed {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Seed of what is drawn at random; default: ${DEFAULT-VALUE}.")
  private long seed;

  long seed() {
    return seed;
  }

  /**
   * Throws if a seed was given though nothing is drawn.
   *
   * @param option with which the command draws
   */
  void check(boolean drawn, String option) {
    if (!drawn) {
      Given.requireNone(command, "--seed", option);
    }
  }
}
