package dev.fizzy.alignment;

import dev.fizzy.image.ImageException;

/**
 * A rotation, a uniform scale and a translation, without reflection: (x, y) maps to (a x - b y +
 * tx, b x + a y + ty).
 */
public record Similarity(double a, double b, double tx, double ty) {

  /**
   * The similarity that maps {@code from} to {@code to} with the least sum of squared distances
   * (Umeyama, PAMI 1991). In the plane there is a closed form: with the points as complex numbers
   * relative to their means, a + ib is the regression coefficient of {@code to} on {@code from}.
   *
   * @throws ImageException if all points of {@code from} coincide
   */
  public static Similarity between(Landmarks from, Landmarks to) throws ImageException {
    double[] p = mean(from);
    double[] q = mean(to);
    double a = 0;
    double b = 0;
    double spread = 0;
    for (int i = 0; i < Landmarks.COUNT; i++) {
      double px = from.x(i) - p[0];
      double py = from.y(i) - p[1];
      double qx = to.x(i) - q[0];
      double qy = to.y(i) - q[1];
      a += px * qx + py * qy;
      b += px * qy - py * qx;
      spread += px * px + py * py;
    }
    a /= spread;
    b /= spread;
    if (!(a * a + b * b > 0) || Double.isInfinite(a) || Double.isInfinite(b)) {
      throw new ImageException("its five points do not span a face");
    }
    return new Similarity(a, b, q[0] - a * p[0] + b * p[1], q[1] - b * p[0] - a * p[1]);
  }

  private static double[] mean(Landmarks points) {
    double x = 0;
    double y = 0;
    for (int i = 0; i < Landmarks.COUNT; i++) {
      x += points.x(i);
      y += points.y(i);
    }
    return new double[] {x / Landmarks.COUNT, y / Landmarks.COUNT};
  }

  public double x(double x, double y) {
    return a * x - b * y + tx;
  }

  public double y(double x, double y) {
    return b * x + a * y + ty;
  }

  /** The factor that lengths are multiplied by. */
  public double scale() {
    return Math.hypot(a, b);
  }

  public Similarity inverse() {
    double square = a * a + b * b;
    double ia = a / square;
    double ib = -b / square;
    return new Similarity(ia, ib, -ia * tx + ib * ty, -ib * tx - ia * ty);
  }
}
