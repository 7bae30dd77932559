package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelFile;
import java.util.Map;

/**
 * The distribution of the embeddings of real faces: a Gaussian with their mean and covariance.
 * Embedders use only a part of their space (the largest 128 of 512 principal axes of MobileFaceNet
 * hold 97 % of the variance), so a vector uniform on the sphere is far from every face that a
 * network was trained on. One drawn from this distribution is as far from the real faces as they
 * are from each other. A mean and a covariance over many faces do not reveal a single one.
 *
 * @param mean [W]
 * @param factor [W, W] row by row, lower triangular: factor times its transpose is the covariance
 */
public record ContextDistribution(float[] mean, float[] factor) implements IdentityDistribution {
  private static final String MEAN = "context_distribution.mean";
  private static final String FACTOR = "context_distribution.factor";

  /**
   * Fraction of the mean variance added to each variance, so that the factorization exists if a
   * direction has none.
   */
  private static final double RIDGE = 1e-6;

  public ContextDistribution {
    if (mean.length == 0 || factor.length != mean.length * mean.length) {
      throw new FileException(
          "a distribution of contexts has a mean of width "
              + mean.length
              + " and a factor of "
              + factor.length
              + " elements");
    }
  }

  /** Whether the model file contains one. */
  public static boolean isIn(ModelFile model) {
    return model.has(MEAN) && model.has(FACTOR);
  }

  /** The distribution of the identities that a model was trained on. */
  public static ContextDistribution of(ModelFile model) {
    if (!isIn(model)) {
      throw new FileException(
          "the model file has no distribution of its training identities; give --like with"
              + " contexts of real faces");
    }
    return new ContextDistribution(model.floats(MEAN), model.floats(FACTOR));
  }

  /** The tensors to store in the model file. */
  public Map<String, float[]> tensors() {
    return Map.of(MEAN, mean, FACTOR, factor);
  }

  @Override
  public int width() {
    return mean.length;
  }

  /**
   * Computes mean and covariance in double; for a single context the covariance is zero.
   *
   * @param contexts [N, W], N at least 1
   */
  public static ContextDistribution fit(float[][] contexts) {
    int n = contexts.length;
    int width = contexts[0].length;
    double[] mean = new double[width];
    for (float[] context : contexts) {
      for (int k = 0; k < width; k++) {
        mean[k] += context[k];
      }
    }
    float[] rounded = new float[width];
    for (int k = 0; k < width; k++) {
      mean[k] /= n;
      rounded[k] = (float) mean[k];
    }
    return new ContextDistribution(rounded, cholesky(covariance(contexts, mean), width));
  }

  /** Lower triangle of the covariance, [W, W]. */
  private static double[] covariance(float[][] contexts, double[] mean) {
    int width = mean.length;
    double[] sums = new double[width * width];
    double[] centered = new double[width];
    for (float[] context : contexts) {
      for (int k = 0; k < width; k++) {
        centered[k] = context[k] - mean[k];
      }
      for (int i = 0; i < width; i++) {
        double c = centered[i];
        int row = i * width;
        for (int j = 0; j <= i; j++) {
          sums[row + j] += c * centered[j];
        }
      }
    }
    double trace = 0;
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= Math.max(1, contexts.length - 1);
    }
    for (int i = 0; i < width; i++) {
      trace += sums[i * width + i];
    }
    for (int i = 0; i < width; i++) {
      sums[i * width + i] += RIDGE * trace / width + Double.MIN_NORMAL;
    }
    return sums;
  }

  /** Cholesky factor of a lower triangle. */
  private static float[] cholesky(double[] a, int width) {
    float[] factor = new float[width * width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i * width + j];
        for (int k = 0; k < j; k++) {
          sum -= a[i * width + k] * a[j * width + k];
        }
        a[i * width + j] =
            i == j ? Math.sqrt(Math.max(sum, Double.MIN_NORMAL)) : sum / a[j * width + j];
        factor[i * width + j] = (float) a[i * width + j];
      }
    }
    return factor;
  }

  /**
   * The squared Mahalanobis distance |factor^-1 (x - mean)|^2 / W: 1 on average for the vectors of
   * the distribution.
   *
   * @param x [W]
   */
  public double distance(float[] x) {
    int width = width();
    double[] z = new double[width];
    double squares = 0;
    for (int i = 0; i < width; i++) {
      double rest = x[i] - mean[i];
      for (int j = 0; j < i; j++) {
        rest -= factor[i * width + j] * z[j];
      }
      z[i] = rest / factor[i * width + i];
      squares += z[i] * z[i];
    }
    return squares / width;
  }

  @Override
  public float[] vector(Philox random) {
    int width = width();
    double[] z = new double[width];
    double[] x = new double[width];
    double norm = 0;
    for (int i = 0; i < width; i++) {
      z[i] = random.nextGaussian();
      x[i] = mean[i];
      for (int j = 0; j <= i; j++) {
        x[i] += factor[i * width + j] * z[j];
      }
      norm += x[i] * x[i];
    }
    float[] vector = new float[width];
    for (int i = 0; i < width; i++) {
      vector[i] = (float) (x[i] / Math.sqrt(norm));
    }
    return vector;
  }
}
