package dev.fizzy.identity;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;

/**
 * Turns the context of each image away from its identity by a random angle (IDperturb, CVPR 2026):
 *
 * <pre>
 * v' = s v + sqrt(1 - s^2) u,   s uniform in [b, 1], u a random unit vector orthogonal to v
 * </pre>
 *
 * <p>The bound b of an identity is the one given, raised to the cosine of half the angle to the
 * nearest other identity, so that no image is nearer to another one. An image's context depends on
 * the seed, its identity and image number, and on all contexts.
 */
public final class Perturbation {
  private final Contexts contexts;
  private final double[] bounds;
  private final long seed;

  /**
   * @param least b, from -1 to 1, before it is raised
   */
  public Perturbation(Device device, Contexts contexts, double least, long seed) {
    if (contexts.width() < 2) {
      throw new FileException("contexts of width 1 cannot be turned");
    }
    this.contexts = contexts;
    this.seed = seed;
    bounds = new double[contexts.size()];
    float[][] unit = Cosines.unit(contexts);
    Cosines.forEach(
        device,
        unit,
        unit,
        (row, scores, at) -> {
          double nearest = -1;
          for (int j = 0; j < unit.length; j++) {
            nearest = j == row ? nearest : Math.max(nearest, Math.min(1, scores[at + j]));
          }
          bounds[row] = Math.max(least, Math.sqrt((1 + nearest) / 2));
        });
    if (bounds.length == 1) {
      bounds[0] = least;
    }
  }

  /** The bound b of an identity. */
  double bound(int identity) {
    return bounds[identity];
  }

  /** The context of an image, as long as that of its identity. */
  public float[] vector(int identity, int image) {
    Philox random =
        new Philox(seed, Philox.Purpose.PERTURBATION, (long) identity << Integer.SIZE | image);
    double cosine = bounds[identity] + (1 - bounds[identity]) * random.nextDouble();
    float[] v = contexts.vector(identity);
    double length = Math.sqrt(dot(v, v));
    double[] u = new double[v.length];
    double along = 0;
    for (int k = 0; k < u.length; k++) {
      u[k] = random.nextGaussian();
      along += u[k] * v[k] / length;
    }
    double squares = 0;
    for (int k = 0; k < u.length; k++) {
      u[k] -= along * v[k] / length;
      squares += u[k] * u[k];
    }
    double sine = length * Math.sqrt(Math.max(0, 1 - cosine * cosine) / squares);
    float[] turned = new float[v.length];
    for (int k = 0; k < u.length; k++) {
      turned[k] = (float) (cosine * v[k] + sine * u[k]);
    }
    return turned;
  }

  private static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += (double) x[k] * y[k];
    }
    return sum;
  }
}
