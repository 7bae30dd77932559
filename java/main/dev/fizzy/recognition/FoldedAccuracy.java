package dev.fizzy.recognition;

/**
 * Verification accuracy as published for LFW and similar sets (Huang et al. 2007, View 2): each
 * fold uses the threshold that is best on the other folds, among squared distances of unit vectors
 * from 0 to 4 in steps of .01; the first of equal ones wins.
 *
 * @param accuracy mean over the folds
 * @param deviation standard deviation over the folds
 * @param byFold accuracy of each fold
 */
public record FoldedAccuracy(double accuracy, double deviation, double[] byFold) {
  private static final int THRESHOLDS = 400;

  /**
   * @param cosines similarity of each pair
   * @param fold of each pair, from 0
   */
  public static FoldedAccuracy of(float[] cosines, boolean[] same, int[] fold, int folds) {
    // right[f][t]: number of pairs of fold f that threshold t classifies correctly
    int[][] right = new int[folds][THRESHOLDS];
    int[] pairs = new int[folds];
    for (int i = 0; i < cosines.length; i++) {
      double distance = 2 - 2 * (double) cosines[i];
      pairs[fold[i]]++;
      for (int t = 0; t < THRESHOLDS; t++) {
        if (distance < t * 0.01 == same[i]) {
          right[fold[i]][t]++;
        }
      }
    }
    double[] accuracy = new double[folds];
    double sum = 0;
    for (int f = 0; f < folds; f++) {
      accuracy[f] = (double) right[f][best(right, f)] / Math.max(1, pairs[f]);
      sum += accuracy[f];
    }
    double mean = sum / folds;
    double squares = 0;
    for (double a : accuracy) {
      squares += (a - mean) * (a - mean);
    }
    return new FoldedAccuracy(mean, Math.sqrt(squares / folds), accuracy);
  }

  private static int best(int[][] right, int left) {
    int best = 0;
    int most = -1;
    for (int t = 0; t < THRESHOLDS; t++) {
      int sum = 0;
      for (int f = 0; f < right.length; f++) {
        sum += f == left ? 0 : right[f][t];
      }
      if (sum > most) {
        most = sum;
        best = t;
      }
    }
    return best;
  }
}
