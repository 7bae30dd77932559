package dev.fizzy.identity;

import dev.fizzy.engine.Philox;

/**
 * New identities, uniform on the unit sphere: normalized Gaussian vectors (Boutros et al. 2023,
 * "synthetic uniform").
 */
public record UniformContexts(int width) implements IdentityDistribution {
  public static Contexts of(int count, int width, long seed) {
    return new UniformContexts(width).draw(count, seed);
  }

  @Override
  public float[] vector(Philox random) {
    double[] z = new double[width];
    double sum = 0;
    for (int k = 0; k < width; k++) {
      z[k] = random.nextGaussian();
      sum += z[k] * z[k];
    }
    float[] vector = new float[width];
    for (int k = 0; k < width; k++) {
      vector[k] = (float) (z[k] / Math.sqrt(sum));
    }
    return vector;
  }
}
