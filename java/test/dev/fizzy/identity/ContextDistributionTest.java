package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ContextDistributionTest {
  private static final int WIDTH = 6;

  /** Unit vectors that lie near a plane: two axes with noise in the rest. */
  private static float[][] flat(int count) {
    float[][] values = new float[count][WIDTH];
    for (int i = 0; i < count; i++) {
      Philox random = new Philox(3, Philox.Purpose.CONTEXT, i);
      double norm = 0;
      for (int k = 0; k < WIDTH; k++) {
        values[i][k] = (float) ((k < 2 ? 1 : 0.05) * random.nextGaussian() + (k == 0 ? .5 : 0));
        norm += values[i][k] * values[i][k];
      }
      for (int k = 0; k < WIDTH; k++) {
        values[i][k] /= (float) Math.sqrt(norm);
      }
    }
    return values;
  }

  /** Second moments about zero, exhaustively. */
  private static double[] moments(Contexts contexts) {
    double[] m = new double[WIDTH * WIDTH];
    for (int n = 0; n < contexts.size(); n++) {
      float[] v = contexts.vector(n);
      for (int i = 0; i < WIDTH; i++) {
        for (int j = 0; j < WIDTH; j++) {
          m[i * WIDTH + j] += v[i] * v[j] / contexts.size();
        }
      }
    }
    return m;
  }

  @Test
  void theFactorTimesItsTransposeIsTheCovariance() {
    float[][] values = {{1, 2}, {3, 2}, {2, 5}, {0, 1}};
    ContextDistribution d = ContextDistribution.fit(values);
    assertArrayEquals(new float[] {1.5f, 2.5f}, d.mean(), 1e-6f);
    // By hand: variances 5/3 and 3, covariance 1.
    float[] f = d.factor();
    assertEquals(5 / 3., f[0] * f[0], 1e-5);
    assertEquals(1, f[0] * f[2], 1e-5);
    assertEquals(3, f[2] * f[2] + f[3] * f[3], 1e-5);
    assertEquals(0, f[1]);
  }

  /** The sum over N vectors of their squared distances in deviations is (N - 1) W. */
  @Test
  void distancesAreInDeviations() {
    float[][] values = flat(50);
    ContextDistribution d = ContextDistribution.fit(values);
    double mean = Stream.of(values).mapToDouble(d::distance).average().orElseThrow();
    assertEquals(49 / 50., mean, 1e-4);
    float[] off = {.6f, 0, .8f, 0, 0, 0};
    assertTrue(d.distance(off) > 20, "a vector off the plane: " + d.distance(off));
  }

  @Test
  void drawsLieWhereTheContextsLie() {
    Contexts real = Contexts.numbered(flat(4000));
    ContextDistribution d = ContextDistribution.fit(flat(4000));
    Contexts drawn = d.draw(4000, 7);
    double[] wanted = moments(real);
    double[] found = moments(drawn);
    for (int i = 0; i < WIDTH; i++) {
      assertEquals(wanted[i * WIDTH + i], found[i * WIDTH + i], 0.06, "axis " + i);
      double norm = 0;
      for (float v : drawn.vector(i)) {
        norm += v * v;
      }
      assertEquals(1, norm, 1e-5);
    }
    double uniform = moments(UniformContexts.of(4000, WIDTH, 7))[WIDTH * WIDTH - 1];
    assertEquals(1. / WIDTH, uniform, 0.02, "a uniform vector does not know the plane");
  }

  @Test
  void aLongerListBeginsWithTheShorterOne() {
    ContextDistribution d = ContextDistribution.fit(flat(50));
    assertArrayEquals(d.draw(3, 9).vector(2), d.draw(30, 9).vector(2));
  }

  @Test
  void oneContextAndFlatDirectionsAreNoError() {
    float[] only = {.6f, .8f, 0};
    Contexts drawn = ContextDistribution.fit(new float[][] {only}).draw(2, 1);
    assertArrayEquals(only, drawn.vector(1), 1e-3f);
  }

  @Test
  void refusesAFactorOfAnotherWidth() {
    assertThrows(FileException.class, () -> new ContextDistribution(new float[3], new float[4]));
  }
}
