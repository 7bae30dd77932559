package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackedContextsTest {
  private static PrincipalAxes axes(double... variances) {
    int width = variances.length;
    double[][] axes = new double[width][width];
    for (int k = 0; k < width; k++) {
      axes[k][k] = 1;
    }
    return new PrincipalAxes(new double[width], axes, variances, width, 1);
  }

  private static PackedContexts.Result packed(
      int count, PrincipalAxes axes, int steps, double manifold, int threads) {
    try (Device device = Devices.open("cpu", threads)) {
      Contexts start = axes.draw(count, 3);
      return PackedContexts.of(
          device, start, axes, new PackedContexts.Settings(steps, manifold), n -> {});
    }
  }

  /** The largest cosine of the best possible arrangement is known for these. */
  @Test
  void reachesTheBestArrangements() {
    PrincipalAxes three = axes(1, 1, 1);
    assertEquals(-1 / 3., packed(4, three, 300, 0, 1).nearest(), .002, "tetrahedron");
    assertEquals(0, packed(6, three, 300, 0, 1).nearest(), .002, "octahedron");
    assertEquals(1 / Math.sqrt(5), packed(12, three, 300, 0, 1).nearest(), .002, "icosahedron");
    PrincipalAxes eight = axes(1, 1, 1, 1, 1, 1, 1, 1);
    assertEquals(0, packed(16, eight, 300, 0, 1).nearest(), .01, "orthoplex");
  }

  @Test
  void theNearestPairIsFoundAmongAllBlocks() {
    PackedContexts.Result result = packed(1100, axes(1, 2, 1, 1, 3), 3, 0, 2);
    Contexts x = result.contexts();
    double largest = -1;
    for (int i = 0; i < x.size(); i++) {
      for (int j = 0; j < i; j++) {
        double product = 0;
        for (int k = 0; k < x.width(); k++) {
          product += (double) x.vector(i)[k] * x.vector(j)[k];
        }
        largest = Math.max(largest, product);
      }
    }
    assertEquals(largest, result.nearest(), 1e-6);
    Contexts again = packed(1100, axes(1, 2, 1, 1, 3), 3, 0, 1).contexts();
    assertEquals(x.sha256(), again.sha256(), "the same bits with another number of threads");
  }

  /** The weights times the other vectors are the gradient of f_i, by central differences. */
  @Test
  void weightsAreTheGradientOfTheSoftLargestCosine() {
    double s = 7;
    Contexts others = UniformContexts.of(5, 4, 1);
    float[] x = UniformContexts.of(1, 4, 2).vector(0);
    float[] weights = new float[6];
    weights[2] = 1; // x itself
    for (int j = 0; j < 5; j++) {
      weights[j < 2 ? j : j + 1] = (float) dot(x, others.vector(j));
    }
    PackedContexts.weigh(weights, 0, 6, 2, s);
    assertEquals(0, weights[2]);
    for (int k = 0; k < 4; k++) {
      double gradient = 0;
      for (int j = 0; j < 5; j++) {
        gradient += weights[j < 2 ? j : j + 1] * others.vector(j)[k];
      }
      float[] up = x.clone();
      float[] down = x.clone();
      up[k] += 1e-3f;
      down[k] -= 1e-3f;
      double expected = (soft(up, others, s) - soft(down, others, s)) / (up[k] - down[k]);
      assertEquals(expected, gradient, 1e-4);
    }
  }

  private static double soft(float[] x, Contexts others, double s) {
    double sum = 0;
    for (int j = 0; j < others.size(); j++) {
      sum += Math.exp(s * dot(x, others.vector(j)));
    }
    return Math.log(sum) / s;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += (double) a[k] * b[k];
    }
    return sum;
  }

  @Test
  void thePullIsTheMinimumOfItsObjective() {
    PrincipalAxes axes = axes(4, 1, .25, .0625);
    Manifold manifold = new Manifold(axes);
    float[] y = {1, -2, .5f, 3};
    assertEquals((.25 + 4 + 1 + 144) / 4, manifold.distance(y), 1e-6);
    float[] pulled = y.clone();
    manifold.pull(pulled, .7);
    double least = objective(manifold, y, pulled, .7);
    for (int k = 0; k < 4; k++) {
      for (float move : new float[] {-.01f, .01f}) {
        float[] other = pulled.clone();
        other[k] += move;
        assertTrue(objective(manifold, y, other, .7) > least, "axis " + k);
      }
    }
  }

  private static double objective(Manifold manifold, float[] from, float[] to, double weight) {
    double moved = 0;
    for (int k = 0; k < from.length; k++) {
      moved += Math.pow(to[k] - from[k], 2);
    }
    return (moved + weight * manifold.distance(to)) / 2;
  }

  @Test
  void theManifoldHoldsIdentitiesNearTheDistribution() {
    double[] variances = new double[32];
    Arrays.fill(variances, 4e-4);
    Arrays.fill(variances, 0, 8, .12);
    PrincipalAxes axes = axes(variances);
    PackedContexts.Result free = packed(200, axes, 100, 0, 2);
    PackedContexts.Result held = packed(200, axes, 100, .1, 2);
    assertTrue(free.nearest() < held.nearest(), free.nearest() + " and " + held.nearest());
    assertTrue(
        held.distance() < 3 && free.distance() > 20, held.distance() + ", " + free.distance());
    double before = -1;
    Contexts start = axes.draw(200, 3);
    for (int i = 0; i < 200; i++) {
      for (int j = 0; j < i; j++) {
        before = Math.max(before, dot(start.vector(i), start.vector(j)));
      }
    }
    assertTrue(held.nearest() < before - .1, held.nearest() + ", drawn " + before);
  }

  @Test
  void restSharesItsMeanVariance() {
    double[] variances = {4, 3, 1, 0};
    Manifold manifold = new Manifold(axes(variances).drawing(2, 1));
    assertEquals((1 / 4. + 1 / 3. + 2 + 2) / 4, manifold.distance(new float[] {1, 1, 1, 1}), 1e-6);
  }
}
