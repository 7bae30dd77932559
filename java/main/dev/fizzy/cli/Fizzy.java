package dev.fizzy.cli;

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
    },
    subcommands = {
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
      TrainCommand.class
    })
public final class Fizzy {
  private Fizzy() {}

  /** The command line, ready to execute; tests set its streams. */
  static CommandLine commandLine() {
    return new CommandLine(new Fizzy())
        .setExecutionExceptionHandler(new ErrorHandler())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
