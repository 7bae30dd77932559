package dev.fizzy.file;

import java.util.Collection;
import java.util.Map;

/**
 * Formats untrusted text for messages: the length is limited and invisible characters are escaped,
 * so that a file cannot flood or control a terminal.
 */
public final class Quoted {
  private static final int VALUE = 80;
  private static final int MESSAGE = 2_000;

  private Quoted() {}

  /** A value in about 80 characters; for a container only its kind and size. */
  public static String of(Object value) {
    if (value instanceof Map<?, ?> map) {
      return "a mapping of " + map.size() + " keys";
    }
    if (value instanceof Collection<?> list) {
      return "a list of " + list.size() + " values";
    }
    return cut(String.valueOf(value), VALUE);
  }

  /** A message on one line; the middle of messages longer than 2,000 characters is left out. */
  public static String message(String text) {
    return cut(String.valueOf(text).strip().replaceAll("\\s*[\\n\\r]+\\s*", " "), MESSAGE);
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return visible(text);
    }
    int tail = most / 4;
    int head = most - tail;
    return visible(text.substring(0, head))
        + " .. "
        + (text.length() - most)
        + " characters .. "
        + visible(text.substring(text.length() - tail));
  }

  /** Escapes control and format characters, unpaired surrogates and unassigned code points. */
  private static String visible(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (invisible(c)) {
        if (out == null) {
          out = new StringBuilder(text.length() + 8).append(text, 0, i);
        }
        text.substring(i, next).chars().forEach(escape(out));
      } else if (out != null) {
        out.appendCodePoint(c);
      }
      i = next;
    }
    return out == null ? text : out.toString();
  }

  private static java.util.function.IntConsumer escape(StringBuilder out) {
    return unit -> out.append(String.format("\\u%04x", unit));
  }

  private static boolean invisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
