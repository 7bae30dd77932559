package dev.fizzy.weights.pickle;

import dev.fizzy.file.FileException;
import java.math.BigInteger;
import java.util.function.Function;

/** The literals of the textual protocol 0. */
final class PickleText {
  private static final int DIGITS = 2_000;

  private PickleText() {}

  static Object integer(String line, Function<String, FileException> fault, boolean booleans) {
    if (booleans && (line.equals("00") || line.equals("01"))) {
      return line.equals("01");
    }
    try {
      if (line.length() > DIGITS) {
        throw new NumberFormatException();
      }
      BigInteger value = new BigInteger(line.strip());
      return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    } catch (NumberFormatException e) {
      throw fault.apply("has a line that is not an integer");
    }
  }

  static double real(String line, Function<String, FileException> fault) {
    try {
      return switch (line.strip()) {
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        case "nan" -> Double.NaN;
        default -> Double.parseDouble(line);
      };
    } catch (NumberFormatException e) {
      throw fault.apply("has a line that is not a number");
    }
  }

  static long index(String line, Function<String, FileException> fault) {
    try {
      return Long.parseLong(line);
    } catch (NumberFormatException e) {
      throw fault.apply("has a line that is not a memo index");
    }
  }

  /** Parses a Python 2 string literal with its quotes. */
  static String quoted(String line, Function<String, FileException> fault) {
    int n = line.length();
    boolean quotes =
        n >= 2
            && (line.charAt(0) == '\'' || line.charAt(0) == '"')
            && line.charAt(n - 1) == line.charAt(0);
    if (!quotes) {
      throw fault.apply("has a string without quotes");
    }
    return escaped(line.substring(1, n - 1), fault);
  }

  /** Resolves backslash escapes. */
  static String escaped(String text, Function<String, FileException> fault) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      if (++i == text.length()) {
        throw fault.apply("has a string that ends in a backslash");
      }
      int digits =
          switch (text.charAt(i)) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
          };
      if (digits == 0) {
        out.append(
            switch (text.charAt(i)) {
              case 'n' -> '\n';
              case 'r' -> '\r';
              case 't' -> '\t';
              default -> text.charAt(i);
            });
        continue;
      }
      try {
        int code = Integer.parseInt(text.substring(i + 1, i + 1 + digits), 16);
        out.appendCodePoint(code);
        i += digits;
      } catch (RuntimeException e) {
        throw fault.apply("has a string with an invalid escape");
      }
    }
    return out.toString();
  }
}
