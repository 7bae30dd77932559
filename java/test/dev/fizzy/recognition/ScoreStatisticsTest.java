package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoreStatisticsTest {
  private static float[] scores(Random random, int n, double mean) {
    float[] scores = new float[n];
    for (int i = 0; i < n; i++) { // coarse, so that many are equal
      scores[i] = Math.round(20 * (mean + random.nextGaussian() * 0.2)) / 20f;
    }
    return scores;
  }

  /** Everything again by counting over every pair and every threshold. */
  @Test
  void agreesWithCounting() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      float[] g = scores(random, 1 + random.nextInt(60), 0.4);
      float[] m = scores(random, 1 + random.nextInt(90), 0.1);
      ScoreStatistics s = new ScoreStatistics(g, m);
      double auc = 0;
      for (float a : g) {
        for (float b : m) {
          auc += a > b ? 1 : a == b ? 0.5 : 0;
        }
      }
      assertEquals(auc / g.length / m.length, s.areaUnderCurve(), 1e-12);
      double gap = 2;
      double eer = 2;
      for (double far : new double[] {0, 1e-2, 0.1, 0.37, 1}) {
        double lowest = 1;
        for (int t = -60; t <= 80; t++) {
          double threshold = (t + 0.5) / 20;
          double fmr = share(m, threshold);
          if (fmr <= far) {
            lowest = Math.min(lowest, 1 - share(g, threshold));
          }
          if (Math.abs(fmr - 1 + share(g, threshold)) < gap - 1e-12) {
            gap = Math.abs(fmr - 1 + share(g, threshold));
            eer = (fmr + 1 - share(g, threshold)) / 2;
          }
        }
        assertEquals(lowest, s.falseNonMatchRateAt(far), 1e-12, "far " + far);
      }
      assertEquals(eer, s.equalErrorRate(), gap / 2 + 1e-9);
    }
  }

  private static double share(float[] scores, double threshold) {
    int n = 0;
    for (float s : scores) {
      n += s >= threshold ? 1 : 0;
    }
    return (double) n / scores.length;
  }

  @Test
  void knownValues() {
    ScoreStatistics s =
        new ScoreStatistics(new float[] {.9f, .8f, .3f, .7f}, new float[] {.1f, .2f, .4f, 0});
    assertEquals(0.25, s.equalErrorRate(), 1e-12);
    assertEquals(15. / 16, s.areaUnderCurve(), 1e-12);
    assertEquals(0.25, s.falseNonMatchRateAt(0), 1e-12);
    assertEquals(.2, s.thresholds(List.of("0.25")).get("0.25"), 1e-6);
    assertEquals(0, s.falseNonMatchRateAt(0.25), 1e-12);
    // Means .675 and .175, variances .051875 and .021875.
    assertEquals(.25 / (.051875 + .021875), s.fisherRatio(), 1e-6);
  }

  /** The worked example of the documentation of scikit-learn's roc_auc_score and roc_curve. */
  @Test
  void publishedExample() {
    ScoreStatistics s = new ScoreStatistics(new float[] {.35f, .8f}, new float[] {.1f, .4f});
    assertEquals(0.75, s.areaUnderCurve(), 1e-12);
    // fpr [0, 0, .5, .5, 1], tpr [0, .5, .5, 1, 1]
    assertEquals(0.5, s.falseNonMatchRateAt(0), 1e-12);
    assertEquals(0, s.falseNonMatchRateAt(0.5), 1e-12);
  }

  @Test
  void noScoresAndNoNumbersAreRefused() {
    assertThrows(EngineException.class, () -> new ScoreStatistics(new float[0], new float[1]));
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> new ScoreStatistics(new float[] {1, Float.NaN}, new float[1]));
    assertTrue(e.getMessage().contains("not a number"));
  }
}
