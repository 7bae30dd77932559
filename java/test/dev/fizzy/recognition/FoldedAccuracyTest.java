package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FoldedAccuracyTest {
  /** The threshold of a fold comes from the others alone. */
  @Test
  void aFoldIsJudgedByTheOthersThreshold() {
    // Fold 0 parts at a cosine of .5, fold 1 at .8: each gets the other's threshold.
    float[] cosines = {.6f, .6f, .4f, .4f, .9f, .9f, .7f, .7f};
    boolean[] same = {true, true, false, false, true, true, false, false};
    int[] fold = {0, 0, 0, 0, 1, 1, 1, 1};
    FoldedAccuracy result = FoldedAccuracy.of(cosines, same, fold, 2);
    // Fold 0's first best threshold is a distance just above .8: .81 leaves .7 (distance .6) in as
    // well.
    assertArrayEquals(new double[] {.5, .5}, result.byFold());
    assertEquals(.5, result.accuracy());
    assertEquals(0, result.deviation());
  }

  @Test
  void meanAndDeviationOverTheFolds() {
    float[] cosines = {.9f, .1f, .9f, .1f, .1f, .1f};
    boolean[] same = {true, false, true, false, true, false};
    int[] fold = {0, 0, 1, 1, 2, 2};
    FoldedAccuracy result = FoldedAccuracy.of(cosines, same, fold, 3);
    assertArrayEquals(new double[] {1, 1, .5}, result.byFold());
    assertEquals(5. / 6, result.accuracy(), 1e-12);
    assertEquals(Math.sqrt(2) / 6, result.deviation(), 1e-12);
  }
}
