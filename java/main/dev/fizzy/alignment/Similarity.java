package dev.fizzy.alignment;

import dev.fizzy.image.ImageException;

/**
 * A rotation, a uniform scale and a shift: (x, y) goes to (a x - b y + tx, b x + a y + ty). It
 * never mirrors.
 */
public record Similarity(double a, double b, double tx, double ty) {

  /**
   * The similarity that brings points nearest to others, in the sum of squares (Umeyama, PAMI
   * 1991). In the plane the solution has a closed form: with points as complex numbers about their
   * means, a + ib is the regression of the one on the other.
   *
   * @throws ImageException where the points to move are all one
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

  /** By how much lengths grow. */
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
