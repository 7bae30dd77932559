package dev.fizzy.recognition.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against the closed form for Gaussians whose mean and covariance the vectors have exactly. */
class FrechetDistanceTest {

  /**
   * Four vectors in the plane with the mean m and the standard deviations a and b along axes that
   * are turned by an angle.
   */
  private static float[][] plane(double m, double a, double b, double angle) {
    double scale = Math.sqrt(3 / 2.); // two pairs, and a divisor of 3
    double[][] along = {{a, 0}, {-a, 0}, {0, b}, {0, -b}};
    float[][] rows = new float[4][];
    for (int i = 0; i < 4; i++) {
      double x = scale * along[i][0];
      double y = scale * along[i][1];
      rows[i] =
          new float[] {
            (float) (m + x * Math.cos(angle) - y * Math.sin(angle)),
            (float) (x * Math.sin(angle) + y * Math.cos(angle))
          };
    }
    return rows;
  }

  @Test
  void axesInParallelAddTheSquaredDifferences() {
    double distance = FrechetDistance.of(plane(1, 2, .5, 0), plane(-2, 1, 3, 0));
    assertEquals(9 + 1 + 6.25, distance, 1e-5);
  }

  /** In the plane tr (AB)^(1/2) = (tr AB + 2 (det AB)^(1/2))^(1/2). */
  @Test
  void turnedAxesFollowTheClosedForm() {
    double angle = .7;
    double c = Math.cos(angle) * Math.cos(angle);
    double s = 1 - c;
    double product = 4 * (1 * c + 9 * s) + .25 * (1 * s + 9 * c); // tr AB
    double root = Math.sqrt(product + 2 * Math.sqrt(4 * .25 * 1 * 9));
    double expected = 4 + .25 + 1 + 9 - 2 * root;
    assertEquals(expected, FrechetDistance.of(plane(0, 2, .5, 0), plane(0, 1, 3, angle)), 1e-5);
  }

  @Test
  void aSetHasNoDistanceToItselfAndTheOrderDoesNotMatter() {
    for (int count : new int[] {200, 7}) { // also fewer vectors than their width
      float[][] a = gaussian(count, 16, 1);
      float[][] b = gaussian(count, 16, 2);
      assertEquals(0, FrechetDistance.of(a, a), 1e-9);
      double distance = FrechetDistance.of(a, b);
      assertTrue(distance > .1);
      assertEquals(distance, FrechetDistance.of(b, a), 1e-9);
    }
  }

  private static float[][] gaussian(int count, int width, long seed) {
    Random random = new Random(seed);
    float[][] rows = new float[count][width];
    for (float[] row : rows) {
      for (int k = 0; k < width; k++) {
        row[k] = (float) random.nextGaussian();
      }
    }
    return rows;
  }
}
