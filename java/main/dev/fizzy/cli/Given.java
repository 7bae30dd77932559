package dev.fizzy.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Options of the command line, without those of the user's defaults. */
final class Given {
  private Given() {}

  static boolean has(CommandSpec command, String option) {
    return command.commandLine().getParseResult().hasMatchedOption(option);
  }

  /**
   * Throws if options were given that do nothing without another one.
   *
   * @param names regular expression of their names
   * @param other the one that they need
   */
  static void requireNone(CommandSpec command, String names, String other) {
    for (OptionSpec given : command.commandLine().getParseResult().matchedOptions()) {
      String name = OptionTypes.name(given);
      if (name.matches(names)) {
        throw new OptionException(name + " needs " + other);
      }
    }
  }
}
