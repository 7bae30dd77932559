package dev.fizzy.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** A command line for another machine, where the user's defaults are not. */
final class Resent {
  private Resent() {}

  /**
   * The arguments of a parsed command, with the user's defaults.
   *
   * @param without names of options to leave out
   */
  static List<String> arguments(CommandSpec command, Set<String> without) {
    List<String> arguments = new ArrayList<>();
    for (CommandSpec named = command; named.parent() != null; named = named.parent()) {
      arguments.add(0, named.name());
    }
    for (OptionSpec option : command.options()) {
      String name = OptionTypes.name(option);
      if (!option.inherited() && !without.contains(name)) {
        boolean path = option.type() == Path.class;
        values(command, option)
            .forEach(value -> arguments.add(name + "=" + (path ? absolute(value) : value)));
      }
    }
    return arguments;
  }

  /** Executors run in other folders. */
  private static String absolute(String path) {
    Path local = Path.of(path);
    return Files.exists(local) ? local.toAbsolutePath().normalize().toString() : path;
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
    ParseResult parsed = Fizzy.commandLine(all).parseArgs(all);
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    return type.cast(parsed.commandSpec().userObject());
  }
}
