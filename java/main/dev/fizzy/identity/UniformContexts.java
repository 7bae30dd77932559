package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;

/**
 * New identities, uniform on the unit sphere: normalized Gaussian vectors (Boutros et al. 2023,
 * "synthetic uniform"). Identity i depends only on the seed and on i, so a longer list begins with
 * the shorter one.
 */
public final class UniformContexts {
  private UniformContexts() {}

  public static Contexts of(int count, int width, long seed) {
    if (count < 1 || width < 1) {
      throw new FileException(
          "the number and the width of contexts must be at least 1, not "
              + count
              + " and "
              + width);
    }
    Contexts.requireMemory(count, width);
    float[][] values = new float[count][];
    for (int i = 0; i < count; i++) {
      values[i] = vector(width, seed, i);
    }
    return Contexts.numbered(values);
  }

  /** One identity's unit vector. */
  public static float[] vector(int width, long seed, long identity) {
    Philox random = new Philox(seed, Philox.Purpose.CONTEXT, identity);
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
