package dev.fizzy.diffusion;

/** Sums over vectors, in double. */
final class Vectors {
  private static final double LEAST = 1e-12;

  private Vectors() {}

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** |v|, at least 1e-12. */
  static double length(float[] v) {
    return Math.max(Math.sqrt(dot(v, v)), LEAST);
  }

  static float[] unit(float[] v) {
    float[] unit = new float[v.length];
    add(unit, 0, v, 1);
    return unit;
  }

  /** Adds v, scaled to {@code length}, to the elements of {@code sum} from {@code at}. */
  static void add(float[] sum, int at, float[] v, double length) {
    double factor = length / length(v);
    for (int k = 0; k < v.length; k++) {
      sum[at + k] += (float) (factor * v[k]);
    }
  }

  static double cosine(float[] a, float[] b) {
    return dot(a, b) / length(a) / length(b);
  }
}
