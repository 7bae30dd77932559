package dev.fizzy.recognition.quality;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The squared Frechet distance of two Gaussians with the means m and covariances C of two sets of
 * vectors, |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) (Dowson and Landau 1982; of images, Heusel
 * et al., NeurIPS 2017).
 *
 * <p>No matrix root is formed: with C = R'R, R from the QR decomposition of the centered vectors,
 * the trace of the root is the sum of the singular values of R1 R2'. Sets of fewer vectors than
 * their width work too. The estimate is too large for finite sets, more so for small ones: compare
 * only distances of equally many vectors.
 */
final class FrechetDistance {
  private FrechetDistance() {}

  /**
   * @param a at least two vectors [N, W]
   * @param b at least two vectors [M, W]
   */
  static double of(float[][] a, float[][] b) {
    double[] meanA = mean(a);
    double[] meanB = mean(b);
    double distance = 0;
    for (int k = 0; k < meanA.length; k++) {
      distance += (meanA[k] - meanB[k]) * (meanA[k] - meanB[k]);
    }
    DMatrixRMaj rootA = root(a, meanA);
    DMatrixRMaj rootB = root(b, meanB);
    DMatrixRMaj product = new DMatrixRMaj(rootA.numRows, rootB.numRows);
    CommonOps_DDRM.multTransB(rootA, rootB, product);
    return distance + squares(rootA) + squares(rootB) - 2 * singularValues(product);
  }

  private static double[] mean(float[][] rows) {
    double[] mean = new double[rows[0].length];
    for (float[] row : rows) {
      for (int k = 0; k < mean.length; k++) {
        mean[k] += (double) row[k] / rows.length;
      }
    }
    return mean;
  }

  /** R with R'R = the covariance, [min(N, W), W]. */
  private static DMatrixRMaj root(float[][] rows, double[] mean) {
    DMatrixRMaj centered = new DMatrixRMaj(rows.length, mean.length);
    double scale = 1 / Math.sqrt(rows.length - 1.);
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < mean.length; k++) {
        centered.set(i, k, scale * (rows[i][k] - mean[k]));
      }
    }
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(rows.length, mean.length);
    qr.decompose(centered);
    return qr.getR(null, true);
  }

  /** The trace of R'R. */
  private static double squares(DMatrixRMaj root) {
    double sum = 0;
    for (int i = 0; i < root.getNumElements(); i++) {
      sum += root.get(i) * root.get(i);
    }
    return sum;
  }

  private static double singularValues(DMatrixRMaj matrix) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(matrix.numRows, matrix.numCols, false, false, true);
    svd.decompose(matrix);
    double sum = 0;
    for (int i = 0; i < svd.numberOfSingularValues(); i++) {
      sum += svd.getSingularValues()[i];
    }
    return sum;
  }
}
