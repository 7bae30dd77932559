package dev.fizzy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "help",
    description = "Shows the help of a command.",
    footer = {"", "Example:", "  fizzy help train diffusion"})
final class HelpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "Command, such as `train diffusion`; default: list all commands.")
  private List<String> words = List.of();

  @Override
  public Integer call() {
    CommandLine command = spec.root().commandLine();
    for (String word : words) {
      CommandLine next = command.getSubcommands().get(word);
      if (next == null) {
        throw new OptionException(
            "unknown command "
                + word
                + Misuse.suggestion(word, List.copyOf(command.getSubcommands().keySet())));
      }
      command = next;
    }
    command.usage(spec.commandLine().getOut());
    return 0;
  }
}
