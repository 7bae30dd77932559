package dev.fizzy.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Help that fits the terminal, or COLUMNS if it is set. Footer lines are joined to paragraphs; a
 * line that begins with two blanks is an example, which is wrapped with backslashes so that it can
 * be pasted into a shell.
 */
final class HelpLayout extends Help {
  private static final int WIDTH = 100;
  private static final int NARROWEST = 55;

  HelpLayout(CommandSpec command, ColorScheme colors) {
    super(fitted(command), colors);
  }

  private static CommandSpec fitted(CommandSpec command) {
    UsageMessageSpec usage = command.usageMessage();
    String columns = System.getenv("COLUMNS");
    if (columns != null && columns.matches("\\d{1,4}")) {
      usage.width(Math.max(NARROWEST, Integer.parseInt(columns)));
    } else {
      usage.width(WIDTH).autoWidth(System.console() != null);
    }
    return command;
  }

  @Override
  public String footer(Object... parameters) {
    int width = commandSpec().usageMessage().width();
    List<String> lines = layout(List.of(commandSpec().usageMessage().footer()), width);
    return lines.isEmpty()
        ? ""
        : String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  /** Wraps the footer at {@code width} characters; longer words are not split. */
  static List<String> layout(List<String> footer, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder paragraph = new StringBuilder();
    for (String line : footer) {
      if (line.isEmpty() || line.startsWith("  ") || line.endsWith(":")) {
        wrap(paragraph.toString(), "", "", width, lines);
        paragraph.setLength(0);
      }
      if (line.isEmpty() || line.endsWith(":")) {
        lines.add(line);
      } else if (line.startsWith("  ")) {
        wrap(line, "      ", " \\", width, lines);
      } else {
        paragraph.append(paragraph.isEmpty() ? "" : " ").append(line);
      }
    }
    wrap(paragraph.toString(), "", "", width, lines);
    return lines;
  }

  private static void wrap(
      String text, String indent, String continued, int width, List<String> lines) {
    String rest = text;
    while (rest.length() > width) {
      int at = rest.lastIndexOf(' ', width - continued.length());
      if (at <= rest.length() - rest.stripLeading().length()) {
        break; // a word longer than a line
      }
      lines.add(rest.substring(0, at) + continued);
      rest = indent + rest.substring(at + 1);
    }
    if (!rest.isEmpty()) {
      lines.add(rest);
    }
  }
}
