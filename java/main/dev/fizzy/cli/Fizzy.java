package dev.fizzy.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The command line: one class a command, this one gathers them. */
@Command(
    name = "fizzy",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    usageHelpWidth = 110,
    description = "Synthetic face data sets with an identity-conditioned diffusion model.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:an input or the machine stands in the way; one sentence on stderr says what",
      "2:the command line is wrong",
      "70:a fault of Fizzy's own"
    })
public final class Fizzy {
  private static final List<Class<?>> COMMANDS =
      List.of(
          AlignCommand.class,
          ContextsCommand.class,
          EmbedCommand.class,
          EvaluateCommand.class,
          ExportCommand.class,
          GenerateCommand.class,
          ImportCommand.class,
          InfoCommand.class,
          InspectCommand.class,
          MakeCommand.class,
          ModelCommand.class,
          PlanCommand.class,
          ProfileCommand.class,
          QuickstartCommand.class,
          ReportCommand.class,
          SampleCommand.class,
          TrainCommand.class);

  private Fizzy() {}

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
            .filter(c -> c != QuickstartCommand.class) // carries others out
            .toList();
    return commandLine(meant.isEmpty() ? COMMANDS : meant);
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine line = new CommandLine(new Fizzy());
    commands.forEach(line::addSubcommand);
    return line.setExecutionExceptionHandler(new ErrorHandler())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  public static void main(String[] args) {
    System.exit(commandLine(args).execute(args));
  }
}
