package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/** The root command; each subcommand is a class. */
@Command(
    name = "fizzy",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    description = "Synthetic face data sets with an identity-conditioned diffusion model.",
    footer = {
      "",
      "`fizzy @args.txt` reads arguments from args.txt, separated by blanks or line breaks;"
          + " comments start with #. Defaults of options come from environment variables"
          + " (FIZZY_THREADS=2 is --threads 2), then from ~/.config/fizzy/defaults.properties or"
          + " the file named by FIZZY_DEFAULTS, with lines like `threads = 2` for all commands or"
          + " `generate.guidance = 3` for one.",
      "",
      "Example:",
      "  fizzy help train diffusion"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:an input is unusable or the system failed; stderr has the reason",
      "2:invalid command line",
      "130, 143:interrupted by SIGINT or SIGTERM; finished work is kept",
      "70:internal error"
    })
public final class Fizzy {
  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

  private static final List<Class<?>> COMMANDS =
      List.of(
          AlignCommand.class,
          BenchCommand.class,
          CompletionCommand.class,
          ContextsCommand.class,
          EmbedCommand.class,
          EvaluateCommand.class,
          ExportCommand.class,
          GenerateCommand.class,
          HelpCommand.class,
          ImportCommand.class,
          InfoCommand.class,
          InspectCommand.class,
          MakeCommand.class,
          ManCommand.class,
          ModelCommand.class,
          PlanCommand.class,
          ProfileCommand.class,
          QuickstartCommand.class,
          ReportCommand.class,
          SampleCommand.class,
          SelectCommand.class,
          TrainCommand.class);

  /** Commands that inspect or run other commands. */
  private static final Set<Class<?>> NEED_ALL_COMMANDS =
      Set.of(CompletionCommand.class, HelpCommand.class, ManCommand.class, QuickstartCommand.class);

  private Fizzy() {}

  // These two options are read before the others, see logLevel.
  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Print more log lines to stderr.")
  private boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Print only warnings and errors to stderr, no progress.")
  private boolean quiet;

  /** The command line with all commands; tests set its streams. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * The command line with only the command that the arguments name, if they name one: picocli
   * processes every option of every registered command, which takes half of the startup time.
   */
  static CommandLine commandLine(String... args) {
    List<Class<?>> named =
        COMMANDS.stream()
            .filter(c -> args.length > 0 && name(c).equals(args[0]))
            .filter(c -> !NEED_ALL_COMMANDS.contains(c))
            .toList();
    return commandLine(named.isEmpty() ? COMMANDS : named);
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine line = new CommandLine(new Fizzy());
    commands.forEach(line::addSubcommand);
    ErrorHandler errors = new ErrorHandler();
    return OptionTypes.register(line)
        .setHelpFactory(HelpLayout::new)
        .setExecutionStrategy(Fizzy::run)
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static int run(ParseResult parsed) {
    List<CommandLine> commands = parsed.asCommandLineList();
    if (commands.stream().noneMatch(CommandLine::isUsageHelpRequested)) {
      commands.forEach(command -> Range.Check.all(command.getCommandSpec()));
    }
    return new RunLast().execute(parsed);
  }

  /** Sets the log level from the arguments: the logger reads it once, before picocli parses. */
  private static void logLevel(List<String> args) {
    if (args.contains("-q") || args.contains("--quiet")) {
      System.setProperty(LOG_LEVEL, "warn");
    } else if (args.contains("-v") || args.contains("--verbose")) {
      System.setProperty(LOG_LEVEL, "debug");
    }
  }

  static int run(String... args) {
    logLevel(List.of(args));
    Signals.handle(args.length == 0 ? "" : args[0]);
    CommandLine line = commandLine(args);
    try {
      line.setDefaultValueProvider(Defaults.read(Defaults.path(), Fizzy::commandLine));
      int code = line.execute(args);
      line.getOut().flush();
      if (code == 0 && System.out.checkError()) {
        throw new FileException(
            "cannot write to stdout: the disk is full or the reader has closed the pipe");
      }
      return code;
    } catch (Throwable e) { // includes errors of the virtual machine
      return ErrorHandler.handle(e, line);
    }
  }

  public static void main(String[] args) {
    System.exit(run(args));
  }
}
