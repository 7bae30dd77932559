package dev.fizzy.weights;

/**
 * Statistics of the values of a tensor, computed in one pass with constant memory.
 *
 * @param minimum of the numbers; NaN if there are none
 * @param mean of the finite numbers
 * @param nan number of NaN values
 * @param infinite number of infinite values
 */
public record TensorStatistics(
    double minimum, double mean, double maximum, long nan, long infinite) {
  private static final int STEP = 1 << 14;

  public static TensorStatistics of(StoredTensor tensor) {
    TensorReader reader = new TensorReader(tensor);
    double[] part = new double[STEP];
    double minimum = Double.POSITIVE_INFINITY;
    double maximum = Double.NEGATIVE_INFINITY;
    double sum = 0;
    long finite = 0;
    long nan = 0;
    long infinite = 0;
    for (int n = reader.next(part); n > 0; n = reader.next(part)) {
      double partial = 0;
      for (int i = 0; i < n; i++) {
        double v = part[i];
        if (v - v == 0) {
          partial += v;
          finite++;
        } else if (v != v) {
          nan++;
          continue;
        } else {
          infinite++;
        }
        minimum = v < minimum ? v : minimum;
        maximum = v > maximum ? v : maximum;
      }
      sum += partial;
    }
    boolean any = finite + infinite > 0;
    return new TensorStatistics(
        any ? minimum : Double.NaN,
        finite > 0 ? sum / finite : Double.NaN,
        any ? maximum : Double.NaN,
        nan,
        infinite);
  }
}
