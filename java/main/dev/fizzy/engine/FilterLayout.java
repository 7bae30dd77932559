package dev.fizzy.engine;

/**
 * Filters of convolutions: published as [N, C, k, k], with the channels last [N, k, k, C], as cuDNN
 * computes with NHWC images. Where both are the same, nothing is copied.
 */
final class FilterLayout {
  private FilterLayout() {}

  /** Whether a parameter is a filter whose two layouts differ. */
  static boolean differs(Parameter p) {
    int[] s = p.shape();
    return s.length == 4 && s[1] > 1 && s[2] * s[3] > 1;
  }

  static float[] channelsLast(Parameter p, float[] published) {
    int[] s = p.shape();
    return transposed(published, s[0], s[1], s[2] * s[3]);
  }

  static float[] published(Parameter p, float[] channelsLast) {
    int[] s = p.shape();
    return transposed(channelsLast, s[0], s[2] * s[3], s[1]);
  }

  /** [n, rows, columns] to [n, columns, rows]. */
  private static float[] transposed(float[] x, int n, int rows, int columns) {
    float[] y = new float[x.length];
    int to = 0;
    for (int i = 0; i < n; i++) {
      for (int column = 0; column < columns; column++) {
        for (int row = 0; row < rows; row++) {
          y[to++] = x[(i * rows + row) * columns + column];
        }
      }
    }
    return y;
  }
}
