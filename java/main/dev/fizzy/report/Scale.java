package dev.fizzy.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Maps values to positions in a picture.
 *
 * @param from value at {@code start}
 * @param to value at {@code end}
 * @param start position in pixels
 * @param logarithmic whether positions grow with the logarithm
 */
record Scale(double from, double to, double start, double end, boolean logarithmic) {
  /** A scale over some values, from 0 where they are small beside their range. */
  static Scale linear(List<Double> values, double start, double end) {
    double low = Collections.min(values);
    double high = Collections.max(values);
    double range = high > low ? high - low : Math.max(Math.abs(high), 1);
    double from = low >= 0 && low < range ? 0 : low - .08 * range;
    return new Scale(from, high + .08 * range, start, end, false);
  }

  /** A scale over positive values, with a margin of a twelfth on both sides. */
  static Scale logarithmic(List<Double> values, double start, double end) {
    double low = Collections.min(values);
    double high = Collections.max(values);
    double margin = high > low ? Math.pow(high / low, 1 / 12.) : 2;
    return new Scale(low / margin, high * margin, start, end, true);
  }

  double at(double value) {
    double part =
        logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
    return start + part * (end - start);
  }

  /** Round values inside the scale: powers of two on a logarithmic one that has several. */
  List<Double> ticks() {
    List<Double> powers = logarithmic ? powers() : List.of();
    return powers.size() > 1 ? powers : multiples();
  }

  private List<Double> powers() {
    List<Double> ticks = new ArrayList<>();
    for (double tick = Math.pow(2, Math.ceil(log2(from))); tick <= to; tick *= 2) {
      ticks.add(tick);
    }
    return ticks;
  }

  /** About five multiples of a round step. */
  private List<Double> multiples() {
    List<Double> ticks = new ArrayList<>();
    double step = step((to - from) / 5);
    for (long i = (long) Math.ceil(from / step); i * step <= to; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** The next of 1, 2 and 5 times a power of ten. */
  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double digit = least / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  /** A tick without needless digits. */
  static String label(double tick) {
    String text = String.format(Locale.ROOT, "%.4f", tick);
    return text.replaceFirst("\\.?0+$", "");
  }
}
