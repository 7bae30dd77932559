package dev.fizzy.alignment;

/**
 * Five points of a face as seen in the image: left eye, right eye, nose, left and right corner of
 * the mouth. The center of the image's first pixel is (0, 0).
 *
 * @param xy x and y of each point in turn, 10 values
 */
public record Landmarks(double[] xy) {
  public static final int COUNT = 5;

  public Landmarks {
    if (xy.length != 2 * COUNT) {
      throw new IllegalArgumentException(
          "five points have " + 2 * COUNT + " coordinates, not " + xy.length);
    }
  }

  public double x(int point) {
    return xy[2 * point];
  }

  public double y(int point) {
    return xy[2 * point + 1];
  }
}
