package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import org.junit.jupiter.api.Test;

class PrincipalAxesTest {
  /** Deviations 3, 2, 1 along (1,1,0)/sqrt2, (1,-1,0)/sqrt2, (0,0,1) about a mean. */
  private static float[][] cloud(int count) {
    float[][] values = new float[count][3];
    Philox random = new Philox(5, Philox.Purpose.CONTEXT, 0);
    for (float[] v : values) {
      double a = 3 * random.nextGaussian() / Math.sqrt(2);
      double b = 2 * random.nextGaussian() / Math.sqrt(2);
      v[0] = (float) (10 + a + b);
      v[1] = (float) (a - b);
      v[2] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double abs(double[] a, double... b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return Math.abs(sum);
  }

  @Test
  void axesAreThoseThatTheVectorsWereMadeWith() {
    PrincipalAxes axes = PrincipalAxes.of(ContextDistribution.fit(cloud(20000)));
    double half = Math.sqrt(.5);
    assertEquals(1, abs(axes.axes()[0], half, half, 0), 1e-3);
    assertEquals(1, abs(axes.axes()[1], half, -half, 0), 1e-3);
    assertEquals(1, abs(axes.axes()[2], 0, 0, 1), 1e-3);
    assertArrayEquals(new double[] {9, 4, 1}, axes.variances(), .2);
    assertEquals(13 / 14., axes.drawing(2, 1).share(), .01);
  }

  @Test
  void drawsInTheFirstAxesWithTheSpreadGiven() {
    PrincipalAxes axes =
        new PrincipalAxes(
            new double[] {0, 0, 4},
            new double[][] {{.6, .8, 0}, {.8, -.6, 0}, {0, 0, 1}},
            new double[] {4, 1, 1},
            1,
            .5);
    double squares = 0;
    for (int i = 0; i < 4000; i++) {
      float[] v = axes.vector(3, i);
      assertEquals(1, Math.hypot(Math.hypot(v[0], v[1]), v[2]), 1e-6);
      assertEquals(0, .8 * v[0] - .6 * v[1], 1e-6, "no part along the second axis");
      double along = 4 * (.6 * v[0] + .8 * v[1]) / v[2]; // before the vector was scaled
      squares += along * along / 4000;
    }
    assertEquals(1, squares, .1, "deviation 2 times spread .5");
  }

  @Test
  void allAxesAreTheDistributionItself() {
    ContextDistribution gaussian = ContextDistribution.fit(cloud(500));
    PrincipalAxes axes = PrincipalAxes.of(gaussian);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double product = 0;
        double covariance = 0;
        for (int k = 0; k < 3; k++) {
          product += axes.axes()[k][i] * axes.variances()[k] * axes.axes()[k][j];
          covariance += (double) gaussian.factor()[3 * i + k] * gaussian.factor()[3 * j + k];
        }
        assertEquals(covariance, product, 1e-9);
      }
    }
    double[] x = {1, -2, .5};
    assertArrayEquals(x, axes.fromAxes(axes.toAxes(x)), 1e-12);
  }

  @Test
  void refusesMoreAxesThanThereAre() {
    PrincipalAxes axes = PrincipalAxes.of(ContextDistribution.fit(cloud(10)));
    String message = assertThrows(FileException.class, () -> axes.drawing(4, 1)).getMessage();
    assertTrue(message.contains("1 to 3 principal axes, not 4"), message);
  }
}
