package dev.fizzy.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command's manual page in the man macros of troff. */
final class ManPage {
  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  static String of(CommandLine command) {
    ManPage page = new ManPage();
    page.write(command);
    return page.page.toString();
  }

  private void write(CommandLine line) {
    CommandSpec command = line.getCommandSpec();
    String name = command.qualifiedName("-");
    macro("TH", name.toUpperCase(java.util.Locale.ROOT), "1", "", "fizzy " + Version.number());
    macro("SH", "NAME");
    text(name + " - " + String.join(" ", command.usageMessage().description()));
    macro("SH", "SYNOPSIS");
    Help help = line.getHelp();
    text(help.synopsis(0).strip().replaceAll("\\s+", " "));
    if (!command.args().isEmpty()) {
      macro("SH", "OPTIONS");
      command.positionalParameters().forEach(this::argument);
      command.options().stream().filter(o -> !o.hidden()).forEach(this::argument);
    }
    if (!line.getSubcommands().isEmpty()) {
      macro("SH", "COMMANDS");
      line.getSubcommands().values().forEach(this::subcommand);
    }
    footer(List.of(command.usageMessage().footer()));
    macro("SH", "EXIT STATUS");
    CommandSpec root = command.root();
    root.usageMessage().exitCodeList().forEach((code, meaning) -> entry(code.strip(), meaning));
  }

  private void argument(ArgSpec arg) {
    String label = arg.arity().max() == 0 ? "" : "=" + arg.paramLabel();
    String names =
        arg instanceof OptionSpec option
            ? String.join(", ", option.names()) + label
            : ((PositionalParamSpec) arg).paramLabel();
    String description = String.join(" ", arg.renderedDescription());
    entry(names, arg.required() ? description + " Required." : description);
  }

  private void subcommand(CommandLine sub) {
    entry(
        sub.getCommandSpec().qualifiedName("-") + "(1)",
        String.join(" ", sub.getCommandSpec().usageMessage().description()));
  }

  private void footer(List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    macro("SH", "EXAMPLES AND NOTES");
    for (String line : lines) {
      if (line.startsWith("  ")) {
        macro("EX");
        text(line);
        macro("EE");
      } else if (line.isEmpty()) {
        macro("PP");
      } else {
        text(line);
      }
    }
  }

  private void entry(String term, String meaning) {
    macro("TP");
    page.append("\\fB").append(escaped(term)).append("\\fR\n");
    text(meaning);
  }

  private void macro(String name, String... arguments) {
    page.append('.').append(name);
    for (String argument : arguments) {
      page.append(" \"").append(escaped(argument)).append('"');
    }
    page.append('\n');
  }

  private void text(String text) {
    String escaped = escaped(Ansi.OFF.string(text));
    boolean request = escaped.startsWith(".") || escaped.startsWith("'");
    page.append(request ? "\\&" : "").append(escaped).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq").replace("\n", " ");
  }
}
