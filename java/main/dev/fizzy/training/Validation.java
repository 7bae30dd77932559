package dev.fizzy.training;

import dev.fizzy.file.FileException;
import java.util.Map;

/**
 * Results of the validations so far; part of a checkpoint.
 *
 * @param best highest score, NaN before the first
 * @param bestStep the step of the best score, 0 before the first
 * @param stale validations since the best score or the last reduction
 * @param reductions number of times that the score has stalled
 */
public record Validation(double best, long bestStep, int stale, int reductions) {
  private static final String KEY = "validation";

  /** Measures the quality of the weights at intervals, on data that training does not see. */
  public interface Judge extends AutoCloseable {
    /** Steps between validations. */
    long every();

    /** Figures by name. */
    Map<String, Double> judge(long step);

    /** What the weights are compared by, of which higher is better: the first figure. */
    default double score(Map<String, Double> figures) {
      return figures.values().iterator().next();
    }

    /** Stores the weights: no step before had a higher score. Called before the checkpoint. */
    void keep(long step);

    @Override
    default void close() {}
  }

  /** The state before the first validation. */
  public static Validation none() {
    return new Validation(Double.NaN, 0, 0, 0);
  }

  /**
   * @param patience number of validations without a new best before a reduction
   */
  public Validation after(long step, double score, int patience) {
    if (Double.isNaN(best) || score > best) {
      return new Validation(score, step, 0, reductions);
    }
    return stale < patience
        ? new Validation(best, bestStep, stale + 1, reductions)
        : new Validation(best, bestStep, 0, reductions + 1);
  }

  void put(Map<String, String> metadata) {
    if (bestStep > 0) {
      metadata.put(KEY, best + " " + bestStep + " " + stale + " " + reductions);
    }
  }

  static Validation from(Map<String, String> metadata) {
    String text = metadata.get(KEY);
    if (text == null) {
      return none();
    }
    String[] words = text.split(" ");
    try {
      return new Validation(
          Double.parseDouble(words[0]),
          Long.parseLong(words[1]),
          Integer.parseInt(words[2]),
          Integer.parseInt(words[3]));
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new FileException(
          "the checkpoint's validation is " + text + "; expected four numbers", e);
    }
  }
}
