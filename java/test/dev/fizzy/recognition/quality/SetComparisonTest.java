package dev.fizzy.recognition.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SetComparisonTest {
  private static final int K = 3;

  /** Vectors on the unit circle at these angles. */
  private static float[][] circle(double... angles) {
    float[][] rows = new float[angles.length][];
    for (int i = 0; i < angles.length; i++) {
      rows[i] = new float[] {(float) Math.cos(angles[i]), (float) Math.sin(angles[i])};
    }
    return rows;
  }

  /** As many vectors at equal distances from one angle to another. */
  private static float[][] arc(int count, double from, double to) {
    double[] angles = new double[count];
    for (int i = 0; i < count; i++) {
      angles[i] = from + (to - from) * (i + .5) / count;
    }
    return circle(angles);
  }

  private static Overlap overlap(float[][] set, float[][] real) {
    try (Device device = Devices.open("cpu", 1)) {
      return Overlap.of(device, set, real, K, n -> {});
    }
  }

  @Test
  void oneSetTwiceOverlapsAndTwoFarOnesDoNot() {
    float[][] arc = arc(40, 0, 1);
    Overlap same = overlap(arc, arc);
    assertEquals(1, same.precision());
    assertEquals(1, same.recall());
    assertEquals(1, same.coverage());
    assertTrue(same.density() >= 1);
    assertEquals(new Overlap(0, 0, 0, 0), overlap(arc, arc(40, 2, 3)));
  }

  /** Half of each arc lies in the other; the balls reach two or three steps further. */
  @Test
  void aShiftedSetOverlapsByHalf() {
    Overlap half = overlap(arc(400, 0, 1), arc(400, .5, 1.5));
    assertEquals(.5, half.precision(), .02);
    assertEquals(.5, half.recall(), .02);
    assertEquals(.5, half.coverage(), .02);
  }

  /** A narrow set is precise and leaves the rest of the real one uncovered. */
  @Test
  void aNarrowSetIsPreciseAndHasLittleRecall() {
    Overlap narrow = overlap(arc(400, .4, .5), arc(400, 0, 1));
    assertEquals(1, narrow.precision());
    assertEquals(.1, narrow.recall(), .02);
    assertEquals(.1, narrow.coverage(), .02);
    // The balls reach two steps to both sides, so each vector lies in four.
    assertEquals(4. / K, narrow.density(), .05);
  }

  /** An outlier of the real set has a large ball: it counts once for coverage, and in precision. */
  @Test
  void figuresOfAFewVectorsByHand() {
    float[][] real = circle(0, .01, .02, .03, 3);
    float[][] set = circle(.015, 2, 2.1, 2.2, 2.3);
    // Radii of real: the outlier's reaches 2.99, the others' at most .03. All of the set lie in the
    // outlier's ball, the first also in those of the four others, of radii .03, .02, .02 and .03.
    Overlap few = overlap(set, real);
    assertEquals(1, few.precision());
    assertEquals((5 + 4) / 3. / 5, few.density(), 1e-9);
    assertEquals(1, few.coverage());
    // Radii of the set: 2.185, .3, .2, .2, .3: the first one's ball has four of the real vectors.
    assertEquals(4 / 5., few.recall(), 1e-9);
  }

  @Test
  void halvesOfTheRealSetAreTheFloorAndAllWorkIsTold() {
    Random random = new Random(3);
    double[] angles = random.doubles(600, 0, 1).toArray();
    float[][] real = circle(angles);
    float[][] set = circle(random.doubles(100, .2, .4).toArray());
    AtomicLong done = new AtomicLong();
    try (Device device = Devices.open("cpu", 1)) {
      SetComparison result = SetComparison.of(device, set, real, K, done::set);
      assertEquals(SetComparison.work(set.length, real.length), done.get());
      assertEquals(100, result.samples());
      assertEquals(100, result.floorSamples());
      assertTrue(result.floor() < .1 * result.frechet());
      assertTrue(result.ideal().precision() > .9 && result.ideal().recall() > .9);
      assertTrue(result.overlap().recall() < .4);
      SetComparison few =
          SetComparison.of(device, set, java.util.Arrays.copyOf(real, 90), K, n -> {});
      assertEquals(90, few.samples());
      assertEquals(45, few.floorSamples());
      float[][] six = java.util.Arrays.copyOf(real, 6);
      String refused =
          assertThrows(EngineException.class, () -> SetComparison.of(device, set, six, K, n -> {}))
              .getMessage();
      assertTrue(refused.contains("6 real ones; 3 neighbors need at least 4 and 8"), refused);
    }
  }
}
