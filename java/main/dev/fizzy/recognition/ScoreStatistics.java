package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Statistics of the scores of genuine pairs (of one person) and impostor pairs (of two). A pair
 * passes if its score is at least the threshold. FMR is the share of impostor pairs that pass, FNMR
 * the share of genuine pairs that do not (ISO/IEC 19795-1). All figures are exact for the given
 * scores; those at rates that so few impostor pairs do not measure are left out.
 */
public final class ScoreStatistics {
  /** Number of histogram bins over [-1, 1]. */
  static final int BINS = 200;

  /** FMR100 and FMR1000: one impostor pair in so many passes. */
  public static final List<Integer> FALSE_MATCHES = List.of(100, 1000);

  private final float[] genuine;
  private final float[] impostor;

  /** Scores in any order; copied. */
  public ScoreStatistics(float[] genuine, float[] impostor) {
    if (genuine.length == 0 || impostor.length == 0) {
      throw new EngineException(
          "there are "
              + genuine.length
              + " genuine and "
              + impostor.length
              + " impostor pairs; both are needed");
    }
    this.genuine = genuine.clone();
    this.impostor = impostor.clone();
    Arrays.sort(this.genuine);
    Arrays.sort(this.impostor);
    if (Float.isNaN(this.genuine[genuine.length - 1])
        || Float.isNaN(this.impostor[impostor.length - 1])) {
      throw new EngineException("a score is not a number");
    }
  }

  private static int below(float[] sorted, double threshold) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < threshold) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  public double falseMatchRate(double threshold) {
    return 1 - (double) below(impostor, threshold) / impostor.length;
  }

  public double falseNonMatchRate(double threshold) {
    return (double) below(genuine, threshold) / genuine.length;
  }

  /**
   * The lowest threshold that at most this share of impostor pairs passes: just above the highest
   * score that must not pass.
   */
  public float threshold(double falseMatchRate) {
    int pass = (int) Math.floor(falseMatchRate * impostor.length + 1e-9);
    return pass >= impostor.length
        ? Float.NEGATIVE_INFINITY
        : Math.nextUp(impostor[impostor.length - 1 - pass]);
  }

  /** The lowest FNMR at an FMR of at most this: FMR100 and FMR1000 are those at 1e-2 and 1e-3. */
  public double falseNonMatchRateAt(double falseMatchRate) {
    return falseNonMatchRate(threshold(falseMatchRate));
  }

  /** Equal error rate: the mean of FMR and FNMR at the score where they are closest. */
  public double equalErrorRate() {
    // FNMR - FMR grows with the threshold: the crossing lies between two neighboring
    // scores.
    double best = Double.POSITIVE_INFINITY;
    double rate = 1;
    for (float[] scores : new float[][] {genuine, impostor}) {
      int low = 0;
      int high = scores.length - 1;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (falseNonMatchRate(scores[middle]) < falseMatchRate(scores[middle])) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      for (int i = Math.max(0, low - 1); i <= low; i++) {
        for (float t : new float[] {scores[i], Math.nextUp(scores[i])}) {
          double fmr = falseMatchRate(t);
          double fnmr = falseNonMatchRate(t);
          if (Math.abs(fmr - fnmr) < best) {
            best = Math.abs(fmr - fnmr);
            rate = (fmr + fnmr) / 2;
          }
        }
      }
    }
    return rate;
  }

  /** Area under the ROC: the probability that a genuine pair scores above an impostor pair. */
  public double areaUnderCurve() {
    double above = 0;
    for (float score : genuine) {
      int less = below(impostor, score);
      int notMore = below(impostor, Math.nextUp(score));
      above += less + 0.5 * (notMore - less);
    }
    return above / genuine.length / impostor.length;
  }

  static double mean(float[] scores) {
    double sum = 0;
    for (float s : scores) {
      sum += s;
    }
    return sum / scores.length;
  }

  static double variance(float[] scores, double mean) {
    double sum = 0;
    for (float s : scores) {
      sum += (s - mean) * (s - mean);
    }
    return sum / scores.length;
  }

  /** Fisher discriminant ratio: (difference of means)^2 / sum of variances. */
  public double fisherRatio() {
    double g = mean(genuine);
    double i = mean(impostor);
    return (g - i) * (g - i) / (variance(genuine, g) + variance(impostor, i));
  }

  /**
   * Counts of scores in equal bins over [-1, 1]; values outside are counted in the first or last
   * bin.
   */
  static int[] histogram(float[] scores) {
    int[] counts = new int[BINS];
    for (float s : scores) {
      counts[Math.max(0, Math.min(BINS - 1, (int) Math.floor((s + 1) / 2 * BINS)))]++;
    }
    return counts;
  }

  /** All figures by name, as they are printed and stored. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    double g = mean(genuine);
    double i = mean(impostor);
    fields.put("genuine_pairs", genuine.length);
    fields.put("impostor_pairs", impostor.length);
    fields.put("genuine_mean", g);
    fields.put("genuine_deviation", Math.sqrt(variance(genuine, g)));
    fields.put("impostor_mean", i);
    fields.put("impostor_deviation", Math.sqrt(variance(impostor, i)));
    fields.put("eer", equalErrorRate());
    for (int n : FALSE_MATCHES) {
      if (measures(1. / n)) {
        fields.put("fmr" + n, falseNonMatchRateAt(1. / n));
      }
    }
    fields.put("fdr", fisherRatio());
    fields.put("auc", areaUnderCurve());
    Map<String, Double> accepted = acceptance();
    fields.put("tar", accepted);
    fields.put("tar_thresholds", thresholds(accepted.keySet()));
    fields.put("genuine_histogram", histogram(genuine));
    fields.put("impostor_histogram", histogram(impostor));
    return fields;
  }

  public int impostorPairs() {
    return impostor.length;
  }

  /** Whether one impostor pair in so many is at least one of those there are. */
  public boolean measures(double falseMatchRate) {
    return falseMatchRate * impostor.length >= 1 - 1e-9;
  }

  /** Share of genuine pairs that pass at a false match rate of 1e-2, 1e-3 and 1e-4. */
  public Map<String, Double> acceptance() {
    return acceptance("1e-2", "1e-3", "1e-4");
  }

  /** The same at other rates; those that the impostor pairs do not measure are left out. */
  Map<String, Double> acceptance(String... falseMatchRates) {
    Map<String, Double> rates = new LinkedHashMap<>();
    for (String far : falseMatchRates) {
      double rate = Double.parseDouble(far);
      if (measures(rate)) {
        rates.put(far, 1 - falseNonMatchRateAt(rate));
      }
    }
    return rates;
  }

  /** The threshold of each false match rate. */
  Map<String, Double> thresholds(Collection<String> falseMatchRates) {
    Map<String, Double> thresholds = new LinkedHashMap<>();
    falseMatchRates.forEach(
        rate -> thresholds.put(rate, (double) threshold(Double.parseDouble(rate))));
    return thresholds;
  }

  /**
   * The ROC at false match rates from 1e-4 to 1, twenty points per decade: [rate, acceptance]. It
   * begins at the first rate that the impostor pairs measure.
   */
  public double[][] curve() {
    return IntStream.rangeClosed(-80, 0)
        .mapToDouble(k -> Math.pow(10, k / 20.))
        .filter(this::measures)
        .mapToObj(far -> new double[] {far, 1 - falseNonMatchRateAt(far)})
        .toArray(double[][]::new);
  }
}
