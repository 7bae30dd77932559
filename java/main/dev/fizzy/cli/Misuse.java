package dev.fizzy.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Describes an invalid command line in one sentence and suggests the nearest option or command. */
final class Misuse {
  /** Largest edit distance of a suggestion, as a share of the word's length. */
  private static final double NEAR = .4;

  private Misuse() {}

  static String sentence(ParameterException e) {
    List<String> unmatched =
        e instanceof UnmatchedArgumentException u
            ? u.getUnmatched()
            : e instanceof MissingParameterException
                ? e.getCommandLine()
                    .getUnmatchedArguments() // a misspelled option counts as missing
                : List.of();
    if (!unmatched.isEmpty()) {
      return unknown(unmatched.get(0), e.getCommandLine());
    }
    String message =
        String.valueOf(e.getMessage())
            .replaceFirst(" is not a double$", " is not a number")
            .replaceFirst(" is not an? (int|long)$", " is not a whole number");
    return message.startsWith("--") || message.isEmpty()
        ? message
        : Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }

  private static String unknown(String given, CommandLine line) {
    CommandSpec command = line.getCommandSpec();
    boolean option = given.startsWith("-");
    String word = option ? given.replaceFirst("=.*", "") : given;
    List<String> known = new ArrayList<>();
    if (option) {
      command.options().forEach(o -> known.addAll(List.of(o.names())));
    } else {
      known.addAll(command.subcommands().keySet());
    }
    String kind = option ? "option" : known.isEmpty() ? "argument" : "command";
    return "unknown " + kind + " " + word + suggestion(word, known);
  }

  /** For example " (did you mean --out?)"; empty if no known word is near. */
  static String suggestion(String word, List<String> known) {
    String nearest = nearest(word, known);
    return nearest == null ? "" : " (did you mean " + nearest + "?)";
  }

  /** The known word with the smallest edit distance, or null if none is near. */
  private static String nearest(String word, List<String> known) {
    String best = null;
    int least = (int) Math.ceil(NEAR * word.length());
    for (String candidate : known) {
      int edits = edits(word, candidate);
      if (edits <= least && (best == null || edits < least)) {
        best = candidate;
        least = edits;
      }
    }
    return best;
  }

  /** Edit distance: insertions, deletions, replacements and swaps of adjacent letters. */
  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
