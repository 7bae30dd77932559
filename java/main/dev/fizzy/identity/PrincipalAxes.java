package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The principal axes of a distribution of contexts: the eigenvectors of its covariance, by falling
 * variance. As a distribution it draws in the space of the first axes alone, as Vec2Face (Wu et
 * al., ICLR 2025) draws identities in the principal axes of real people's mean vectors.
 *
 * @param mean [W]
 * @param axes unit vectors, [W][W]
 * @param variances along the axes, [W]
 * @param dimensions number of axes to draw in
 * @param spread factor of the standard deviations to draw with
 */
public record PrincipalAxes(
    double[] mean, double[][] axes, double[] variances, int dimensions, double spread)
    implements IdentityDistribution {
  public PrincipalAxes {
    if (dimensions < 1 || dimensions > mean.length) {
      throw new FileException(
          "vectors of width "
              + mean.length
              + " have 1 to "
              + mean.length
              + " principal axes, not "
              + dimensions);
    }
  }

  /** All axes of a distribution, to be drawn with its own deviations. */
  public static PrincipalAxes of(ContextDistribution distribution) {
    int width = distribution.width();
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(width, true, true);
    if (!eigen.decompose(covariance(distribution))) {
      throw new FileException("the covariance of the contexts has no eigenvectors");
    }
    int[] falling =
        IntStream.range(0, width)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()))
            .mapToInt(i -> i)
            .toArray();
    double[] mean = new double[width];
    for (int k = 0; k < width; k++) {
      mean[k] = distribution.mean()[k];
    }
    return new PrincipalAxes(
        mean,
        IntStream.of(falling).mapToObj(i -> eigen.getEigenVector(i).data).toArray(double[][]::new),
        IntStream.of(falling)
            .mapToDouble(i -> Math.max(0, eigen.getEigenvalue(i).getReal()))
            .toArray(),
        width,
        1);
  }

  private static DMatrixRMaj covariance(ContextDistribution distribution) {
    int width = distribution.width();
    float[] factor = distribution.factor();
    DMatrixRMaj covariance = new DMatrixRMaj(width, width);
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k <= j; k++) {
          sum += (double) factor[i * width + k] * factor[j * width + k];
        }
        covariance.set(i, j, sum);
        covariance.set(j, i, sum);
      }
    }
    return covariance;
  }

  /** The same axes with the first {@code dimensions} to draw in, and another spread. */
  public PrincipalAxes drawing(int dimensions, double spread) {
    return new PrincipalAxes(mean, axes, variances, dimensions, spread);
  }

  /** The share of the variance that the axes to draw in hold. */
  public double share() {
    double all = IntStream.range(0, width()).mapToDouble(k -> variances[k]).sum();
    double own = IntStream.range(0, dimensions).mapToDouble(k -> variances[k]).sum();
    return all == 0 ? 1 : own / all;
  }

  @Override
  public int width() {
    return mean.length;
  }

  @Override
  public float[] vector(Philox random) {
    double[] coordinates = new double[width()];
    for (int j = 0; j < dimensions; j++) {
      coordinates[j] = spread * Math.sqrt(variances[j]) * random.nextGaussian();
    }
    double[] x = fromAxes(coordinates);
    double squares = 0;
    for (int k = 0; k < x.length; k++) {
      x[k] += mean[k];
      squares += x[k] * x[k];
    }
    if (squares == 0) {
      throw new FileException("a drawn identity is zero and has no direction; raise --spread");
    }
    float[] vector = new float[x.length];
    for (int k = 0; k < x.length; k++) {
      vector[k] = (float) (x[k] / Math.sqrt(squares));
    }
    return vector;
  }

  /** The coordinates of a vector along all axes, without the mean subtracted. */
  double[] toAxes(double[] x) {
    double[] coordinates = new double[x.length];
    for (int j = 0; j < x.length; j++) {
      for (int k = 0; k < x.length; k++) {
        coordinates[j] += axes[j][k] * x[k];
      }
    }
    return coordinates;
  }

  /** The vector with these coordinates along all axes. */
  double[] fromAxes(double[] coordinates) {
    double[] x = new double[coordinates.length];
    for (int j = 0; j < x.length; j++) {
      if (coordinates[j] != 0) {
        for (int k = 0; k < x.length; k++) {
          x[k] += coordinates[j] * axes[j][k];
        }
      }
    }
    return x;
  }
}
