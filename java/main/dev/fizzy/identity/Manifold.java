package dev.fizzy.identity;

/**
 * How far a vector is from those of a distribution: d2 = 1/W sum_j (y_j - m_j)^2 / v_j over its
 * coordinates y along the principal axes, with their means m and variances v. It is 1 on average
 * for vectors of the distribution. The variances of the axes that are not drawn in are replaced by
 * their mean, as in probabilistic PCA (Tipping and Bishop 1999).
 */
final class Manifold {
  private final double[] mean;
  private final double[] variances;

  Manifold(PrincipalAxes axes) {
    mean = axes.toAxes(axes.mean());
    variances = axes.variances().clone();
    int from = axes.dimensions();
    double rest = 0;
    for (int j = from; j < variances.length; j++) {
      rest += variances[j] / (variances.length - from);
    }
    for (int j = 0; j < variances.length; j++) {
      variances[j] = Math.max(j < from ? variances[j] : rest, Double.MIN_NORMAL);
    }
  }

  /**
   * d2.
   *
   * @param y coordinates along all axes
   */
  double distance(float[] y) {
    double sum = 0;
    for (int j = 0; j < y.length; j++) {
      sum += (y[j] - mean[j]) * (y[j] - mean[j]) / variances[j];
    }
    return sum / y.length;
  }

  /**
   * Moves y to the minimum of |y' - y|^2 / 2 + weight d2(y') / 2, in place: an implicit step, which
   * no small variance makes unstable.
   */
  void pull(float[] y, double weight) {
    for (int j = 0; j < y.length; j++) {
      double factor = 1 / (1 + weight / (y.length * variances[j]));
      y[j] = (float) (mean[j] + factor * (y[j] - mean[j]));
    }
  }
}
