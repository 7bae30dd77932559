package dev.fizzy.recognition;

/** Similarity of vectors. */
public final class Cosine {
  private Cosine() {}

  /** Cosine of two unit vectors. */
  public static float of(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return (float) sum;
  }
}
