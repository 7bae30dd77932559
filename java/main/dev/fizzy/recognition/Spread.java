package dev.fizzy.recognition;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Mean, median and spread of values. */
public final class Spread {
  private final double[] sorted;

  /** Values in any order, at least one; copied. */
  public Spread(double[] values) {
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  public double mean() {
    return Arrays.stream(sorted).average().orElseThrow();
  }

  public double median() {
    return quantile(.5);
  }

  /** Linear between the two nearest values. */
  public double quantile(double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("mean", mean());
    fields.put("p5", quantile(.05));
    fields.put("median", median());
    fields.put("p95", quantile(.95));
    return fields;
  }
}
