package dev.fizzy.recognition.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A row of a list of pairs: two names of images, and whether they show one person. Read are {@code
 * name i j} and {@code name1 i name2 j} (LFW, Kaggle's CSV), {@code pathA pathB 1}, {@code 1 pathA
 * pathB} and {@code index,pathA,pathB,True}, between tabs, commas or blanks. Behind a tab or a
 * comma a name may have blanks.
 */
record PairRow(String first, String second, boolean same) {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Set<String> YES = Set.of("1", "true", "same");
  private static final Set<String> NO = Set.of("0", "-1", "false", "different");

  /** Between blanks: names that have blanks themselves are told apart by numbers or endings. */
  private static final List<Pattern> BLANKS =
      List.of(
          Pattern.compile("(\\S+)\\s+(\\S+)\\s+(\\S+)(?:\\s+(\\S+))?"),
          Pattern.compile("(.+)\\s+(\\d+)\\s+(\\d+)"),
          Pattern.compile("(.+?)\\s+(\\d+)\\s+(.+?)\\s+(\\d+)"),
          Pattern.compile("(.+\\.\\p{Alnum}{2,4})\\s+(.+\\.\\p{Alnum}{2,4})\\s+(\\S+)"));

  /** The row, or null where the line is none. */
  static PairRow parse(String line) {
    if (line.contains("\t") || line.contains(",")) {
      String between = line.contains("\t") ? "\t" : ",";
      return of(
          Arrays.stream(line.split(between))
              .map(field -> field.strip().replaceAll("^\"(.*)\"$", "$1"))
              .filter(field -> !field.isEmpty())
              .toList());
    }
    for (Pattern pattern : BLANKS) {
      Matcher match = pattern.matcher(line.strip());
      if (match.matches()) {
        PairRow row =
            of(
                IntStream.rangeClosed(1, match.groupCount())
                    .mapToObj(match::group)
                    .filter(Objects::nonNull)
                    .toList());
        if (row != null) {
          return row;
        }
      }
    }
    return null;
  }

  private static PairRow of(List<String> f) {
    boolean four = f.size() == 4;
    if (f.size() != 3 && !four) {
      return null;
    }
    if (four && isNumber(f.get(1)) && isNumber(f.get(3))) {
      return new PairRow(image(f.get(0), f.get(1)), image(f.get(2), f.get(3)), false);
    }
    if (four) { // the first is the row's number
      return isNumber(f.get(0)) ? paths(f.get(1), f.get(2), f.get(3)) : null;
    }
    if (isNumber(f.get(1)) && isNumber(f.get(2))) {
      return new PairRow(image(f.get(0), f.get(1)), image(f.get(0), f.get(2)), true);
    }
    PairRow row = paths(f.get(0), f.get(1), f.get(2));
    return row != null ? row : paths(f.get(1), f.get(2), f.get(0));
  }

  private static PairRow paths(String first, String second, String same) {
    String word = same.toLowerCase(Locale.ROOT);
    boolean names = !isNumber(first) && !isNumber(second);
    return names && (YES.contains(word) || NO.contains(word))
        ? new PairRow(first, second, YES.contains(word))
        : null;
  }

  private static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  /** LFW's name of a person's image, without its ending. */
  private static String image(String person, String number) {
    return String.format(Locale.ROOT, "%s_%04d", person, Integer.parseInt(number));
  }
}
