package dev.fizzy.recognition;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Cosines counted in 2^20 bins over [-1, 1], for more of them than fit in memory: thresholds are
 * accurate to 2e-6. The sums are of multiples of 2^-24, so that they do not depend on the order:
 * means are accurate to 3e-8, for up to 2^39 scores.
 */
public final class ScoreCounts implements Serializable {
  private static final int FINE = 1 << 20;
  private static final int UNITS = 1 << 24;

  private final long[] counts = new long[FINE];
  private long total;
  private long sum;
  private long squares;

  void add(float score) {
    counts[Math.max(0, Math.min(FINE - 1, (int) ((score + 1) * (FINE / 2))))]++;
    total++;
    sum += Math.round(score * UNITS);
    squares += Math.round((double) score * score * UNITS);
  }

  /** Adds the counts of other scores. */
  void add(ScoreCounts other) {
    for (int i = 0; i < FINE; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
    sum += other.sum;
    squares += other.squares;
  }

  public long total() {
    return total;
  }

  public double mean() {
    return (double) sum / UNITS / total;
  }

  public double deviation() {
    return Math.sqrt(Math.max(0, (double) squares / UNITS / total - mean() * mean()));
  }

  /** The lowest bound of a bin that at most this share of the scores reaches. */
  public double threshold(double share) {
    long pass = (long) Math.floor(share * total + 1e-9);
    long above = 0;
    int bin = FINE;
    while (bin > 0 && above + counts[bin - 1] <= pass) {
      above += counts[--bin];
    }
    return bin * (2. / FINE) - 1;
  }

  /** The histogram in the bins of {@link ScoreStatistics}. */
  public long[] histogram() {
    long[] coarse = new long[ScoreStatistics.BINS];
    for (int i = 0; i < FINE; i++) {
      coarse[(int) ((long) i * coarse.length / FINE)] += counts[i];
    }
    return coarse;
  }

  @Override
  public String toString() {
    return total + " scores, " + Arrays.stream(counts).filter(c -> c > 0).count() + " bins in use";
  }
}
