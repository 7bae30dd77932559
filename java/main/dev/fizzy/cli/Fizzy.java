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

/** The command line: one class a command, this one gathers them. */
@Command(
    name = "fizzy",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    description = "Synthetic face data sets with an identity-conditioned diffusion model.",
    footer = {
      "",
      "Arguments can come from files: `fizzy @args.txt` reads them from args.txt, separated by blanks or lines, with # before a",
      "comment. Defaults come from the environment (FIZZY_THREADS=2 is --threads 2), then from",
      "~/.config/fizzy/defaults.properties or the file that FIZZY_DEFAULTS names: lines like `threads = 2`, for all commands,",
      "or `generate.guidance = 3`, for one.",
      "",
      "Example:",
      "  fizzy help train diffusion"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:an input or the machine stands in the way; one sentence on stderr says what",
      "2:the command line is wrong",
      "130, 143:interrupted by SIGINT or SIGTERM; what was done is kept",
      "70:a fault of Fizzy's own"
    })
public final class Fizzy {
  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

  private static final List<Class<?>> COMMANDS =
      List.of(
          AlignCommand.class,
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
          TrainCommand.class);

  /** Commands that look at others or carry them out. */
  private static final Set<Class<?>> OF_ALL =
      Set.of(CompletionCommand.class, HelpCommand.class, ManCommand.class, QuickstartCommand.class);

  private Fizzy() {}

  // The two are read before the others, see logLevel.
  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "More log lines on stderr.")
  private boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Only warnings and errors on stderr: no progress.")
  private boolean quiet;

  /** The command line, ready to execute; tests set its streams. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * The command line that these arguments need: picocli reads every option of every command that it
   * is given, which takes half of the time to start, and one word says which is meant.
   */
  static CommandLine commandLine(String... args) {
    List<Class<?>> meant =
        COMMANDS.stream()
            .filter(c -> args.length > 0 && name(c).equals(args[0]))
            .filter(c -> !OF_ALL.contains(c))
            .toList();
    return commandLine(meant.isEmpty() ? COMMANDS : meant);
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

  /** The logger reads its level once, before picocli has the arguments. */
  private static void logLevel(List<String> args) {
    if (args.contains("-q") || args.contains("--quiet")) {
      System.setProperty(LOG_LEVEL, "warn");
    } else if (args.contains("-v") || args.contains("--verbose")) {
      System.setProperty(LOG_LEVEL, "debug");
    }
  }

  /** Runs the command line of this process. */
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
            "the output cannot be written to stdout: the disk is full or the reader is gone");
      }
      return code;
    } catch (Throwable e) { // errors too: the user gets a sentence
      return ErrorHandler.handle(e, line);
    }
  }

  public static void main(String[] args) {
    System.exit(run(args));
  }
}
