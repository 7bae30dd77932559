package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The user's defaults of options. The default of {@code --threads} comes from the environment
 * variable FIZZY_THREADS, else from the defaults file: a line {@code generate.threads = 2} for one
 * command, or {@code threads = 2} for all commands that have the option.
 */
final class Defaults implements IDefaultValueProvider {
  /** Environment variable with the path of the defaults file. */
  static final String VARIABLE = "FIZZY_DEFAULTS";

  private final Properties file;

  private Defaults(Properties file) {
    this.file = file;
  }

  /**
   * @param all all commands, to check the names in the file
   */
  static Defaults read(Path path, Supplier<CommandLine> all) {
    Properties properties = new Properties();
    if (!Files.exists(path)) {
      return new Defaults(properties);
    }
    try (Reader in = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new FileException("cannot read the defaults file " + path + ": " + e.getMessage(), e);
    }
    Set<String> known = new TreeSet<>();
    collect(all.get(), known);
    for (String key : properties.stringPropertyNames()) {
      if (!known.contains(key)) {
        throw new FileException(
            "the defaults file "
                + path
                + " sets "
                + key
                + ", which is not an option of any command");
      }
    }
    return new Defaults(properties);
  }

  static Path path() {
    String named = System.getenv(VARIABLE);
    if (named != null && !named.isBlank()) {
      return Path.of(named);
    }
    String xdg = System.getenv("XDG_CONFIG_HOME");
    String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
    Path folder = xdg == null || xdg.isBlank() ? Path.of(home, ".config") : Path.of(xdg);
    return folder.resolve("fizzy").resolve("defaults.properties");
  }

  private static void collect(CommandLine command, Set<String> known) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (settable(option)) {
        known.add(key(option));
        known.add(prefix(command.getCommandSpec()) + key(option));
      }
    }
    command.getSubcommands().values().forEach(sub -> collect(sub, known));
  }

  /** For example "train.diffusion." */
  private static String prefix(CommandSpec command) {
    String path = command.qualifiedName(".");
    return path.substring(path.indexOf('.') + 1) + ".";
  }

  private static String key(OptionSpec option) {
    return OptionTypes.name(option).substring(2);
  }

  /** Options of a group exclude each other or are repeated, so they cannot have defaults. */
  private static boolean settable(OptionSpec option) {
    return option.group() == null
        && !option.usageHelp()
        && !option.versionHelp()
        && OptionTypes.name(option).startsWith("--");
  }

  @Override
  public String defaultValue(ArgSpec arg) {
    if (!(arg instanceof OptionSpec option) || !settable(option)) {
      return null;
    }
    String variable = "FIZZY_" + key(option).toUpperCase(Locale.ROOT).replace('-', '_');
    String value = System.getenv(variable);
    if (value != null && !value.isEmpty()) {
      return value;
    }
    String specific = file.getProperty(prefix(option.command()) + key(option));
    return specific != null ? specific : file.getProperty(key(option));
  }
}
