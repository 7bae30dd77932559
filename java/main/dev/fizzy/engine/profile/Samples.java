package dev.fizzy.engine.profile;

import java.util.Arrays;

/** Seconds of repeated runs. */
public final class Samples {
  /** Standard error of a median, in interquartile ranges over the root of the count. */
  private static final double MEDIAN_ERROR = 1.2533 / 1.349;

  private Samples() {}

  public static double median(double[] seconds) {
    return quantile(seconds, .5);
  }

  /** Interquartile range: the middle half of the runs is that wide. */
  public static double range(double[] seconds) {
    return quantile(seconds, .75) - quantile(seconds, .25);
  }

  /** Standard error of the median of {@code runs} normal values with this interquartile range. */
  public static double error(double range, int runs) {
    return MEDIAN_ERROR * range / Math.sqrt(runs);
  }

  private static double quantile(double[] seconds, double share) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
