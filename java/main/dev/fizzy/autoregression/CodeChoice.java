package dev.fizzy.autoregression;

import dev.fizzy.engine.EngineException;
import java.util.Arrays;

/**
 * How a code is drawn from the logits of a network. Everything is computed in double with functions
 * that give the same bits everywhere.
 *
 * @param guidance weight w in u + w (c - u) of the logits c for the context and u for what guidance
 *     leads away from; 1 for none
 * @param temperature divides the logits; 0 chooses the most probable code
 * @param topK codes that can be drawn, the most probable ones; 0 for all
 */
public record CodeChoice(double guidance, double temperature, int topK) {
  public CodeChoice {
    if (!(temperature >= 0) || Double.isInfinite(temperature) || topK < 0) {
      throw new EngineException(
          "codes are drawn with a temperature of at least 0, from at least 0 of the most probable"
              + " ones, not with "
              + temperature
              + " from "
              + topK);
    }
  }

  /**
   * The code of one image.
   *
   * @param logits c of the image, and u, which is not read if the guidance is 1; both of as many
   *     codes
   * @param uniform drawn from [0, 1)
   */
  public int of(float[] logits, float[] away, double uniform) {
    double[] z = new double[logits.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = guidance == 1 ? logits[i] : away[i] + guidance * ((double) logits[i] - away[i]);
    }
    double largest = Arrays.stream(z).max().orElseThrow();
    if (!Double.isFinite(largest)) { // of one NaN the maximum is NaN
      throw new EngineException(
          "the logits of a code are not finite: the guidance weight, the context or the model's"
              + " weights are too large");
    }
    return temperature == 0 ? first(z, largest) : drawn(z, largest, uniform);
  }

  private static int first(double[] z, double value) {
    int i = 0;
    while (z[i] != value) {
      i++;
    }
    return i;
  }

  private int drawn(double[] z, double largest, double uniform) {
    boolean[] kept = kept(z);
    double total = 0;
    for (int i = 0; i < z.length; i++) {
      z[i] = kept[i] ? StrictMath.exp((z[i] - largest) / temperature) : 0;
      total += z[i];
    }
    double left = uniform * total;
    int code = first(kept);
    for (int i = code; i < z.length; i++) {
      if (kept[i]) {
        code = i;
        left -= z[i];
        if (left < 0) {
          break; // otherwise rounding left a rest behind the last one
        }
      }
    }
    return code;
  }

  private static int first(boolean[] kept) {
    int i = 0;
    while (!kept[i]) {
      i++;
    }
    return i;
  }

  /** The most probable codes; of equal ones the first. */
  private boolean[] kept(double[] z) {
    boolean[] kept = new boolean[z.length];
    if (topK == 0 || topK >= z.length) {
      Arrays.fill(kept, true);
      return kept;
    }
    double[] sorted = z.clone();
    Arrays.sort(sorted);
    double least = sorted[z.length - topK];
    int left = topK;
    for (int i = 0; i < z.length; i++) {
      kept[i] = z[i] > least;
      left -= kept[i] ? 1 : 0;
    }
    for (int i = 0; left > 0; i++) {
      if (z[i] == least) {
        kept[i] = true;
        left--;
      }
    }
    return kept;
  }
}
