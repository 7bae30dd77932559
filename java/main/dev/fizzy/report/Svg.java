package dev.fizzy.report;

import java.util.Locale;

/** Text of an SVG picture that grows. */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  /** Appends elements, in the format of {@link String#format} without a locale. */
  void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /**
   * Writes a line of text.
   *
   * @param anchor start, middle or end: what of the line is at x
   */
  void write(double x, double y, String anchor, String line) {
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escaped(line));
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
