package dev.fizzy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A command line for another machine, where the user's defaults are not. */
final class Resent {
  private Resent() {}

  /**
   * The arguments of a parsed command, with the user's defaults.
   *
   * @param without names of options to leave out
   */
  static List<String> arguments(CommandSpec command, Set<String> without) {
    List<String> arguments = new ArrayList<>(List.of(command.name()));
    for (OptionSpec option : command.options()) {
      String name = OptionTypes.name(option);
      if (!option.inherited() && !without.contains(name)) {
        values(command, option).forEach(value -> arguments.add(name + "=" + value));
      }
    }
    return arguments;
  }

  private static List<String> values(CommandSpec command, OptionSpec option) {
    if (!option.originalStringValues().isEmpty()) {
      return option.originalStringValues();
    }
    IDefaultValueProvider defaults = command.defaultValueProvider();
    try {
      String value = defaults == null ? null : defaults.defaultValue(option);
      return value == null ? List.of() : List.of(value);
    } catch (Exception e) {
      throw new IllegalStateException("the default of " + OptionTypes.name(option), e);
    }
  }

  /** The value of an option as it was given. */
  static String text(CommandSpec command, String option) {
    return values(command, command.findOption(option)).get(0);
  }

  /** The command of these arguments, parsed without defaults of this machine's user. */
  static <T> T parsed(List<String> arguments, Class<T> type) {
    String[] all = arguments.toArray(String[]::new);
    CommandLine line = Fizzy.commandLine(all);
    line.parseArgs(all);
    return type.cast(line.getSubcommands().get(all[0]).getCommand());
  }
}
