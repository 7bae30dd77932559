package dev.fizzy.identity;

import dev.fizzy.file.FileException;

/**
 * The weighted mean on the unit sphere: the point at which the weighted sum of the logarithms of
 * all vectors is zero (Buss and Fillmore 2001). Of two vectors it is the spherical interpolation.
 */
final class SphericalMean {
  private static final int MOST_STEPS = 1000;
  private static final double EXACT = 1e-14;

  /** Vectors that are as good as opposite have no unique mean. */
  private static final double OPPOSITE = -1 + 1e-9;

  private SphericalMean() {}

  /**
   * @param vectors of any length but 0, [N][W]
   * @param weights at least 0, with a positive sum
   * @return a unit vector
   */
  static float[] of(float[][] vectors, double[] weights) {
    double[][] units = new double[vectors.length][];
    double[] mean = new double[vectors[0].length];
    double total = 0;
    for (int i = 0; i < vectors.length; i++) {
      units[i] = unit(vectors[i]);
      total += weights[i];
      add(mean, weights[i], units[i]);
    }
    requireUnique(units);
    normalize(mean);
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] move = new double[mean.length];
      for (int i = 0; i < units.length; i++) {
        add(move, weights[i] / total, logarithm(mean, units[i]));
      }
      double length = Math.sqrt(dot(move, move));
      if (length > 0) {
        exponential(mean, move, length);
      }
      if (length < EXACT) {
        break;
      }
    }
    float[] result = new float[mean.length];
    for (int k = 0; k < result.length; k++) {
      result[k] = (float) mean[k];
    }
    return result;
  }

  private static void requireUnique(double[][] units) {
    for (int i = 0; i < units.length; i++) {
      for (int j = 0; j < i; j++) {
        double cosine = dot(units[i], units[j]);
        if (cosine < OPPOSITE) {
          throw new FileException(
              "two of the vectors are opposite: nothing is halfway between them");
        }
      }
    }
  }

  /** The tangent vector at p that points to x, as long as the angle between them. */
  private static double[] logarithm(double[] p, double[] x) {
    double cosine = dot(p, x);
    double[] tangent = x.clone();
    add(tangent, -cosine, p);
    double sine = Math.sqrt(dot(tangent, tangent));
    double scale = sine == 0 ? 0 : Math.atan2(sine, cosine) / sine;
    for (int k = 0; k < tangent.length; k++) {
      tangent[k] *= scale;
    }
    return tangent;
  }

  /** Moves p along the sphere by a tangent vector. */
  private static void exponential(double[] p, double[] tangent, double length) {
    double cosine = Math.cos(length);
    double sine = Math.sin(length) / length;
    for (int k = 0; k < p.length; k++) {
      p[k] = cosine * p[k] + sine * tangent[k];
    }
    normalize(p);
  }

  private static double[] unit(float[] x) {
    double[] y = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      y[k] = x[k];
    }
    normalize(y);
    return y;
  }

  private static void normalize(double[] x) {
    double norm = Math.sqrt(dot(x, x));
    if (!(norm > 0)) {
      throw new FileException("the mean of the vectors is zero and has no direction");
    }
    for (int k = 0; k < x.length; k++) {
      x[k] /= norm;
    }
  }

  private static void add(double[] sum, double factor, double[] x) {
    for (int k = 0; k < x.length; k++) {
      sum[k] += factor * x[k];
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += x[k] * y[k];
    }
    return sum;
  }
}
