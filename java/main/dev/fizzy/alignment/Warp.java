package dev.fizzy.alignment;

import dev.fizzy.image.Rgb;

/**
 * Resamples a photo under a similarity transform. Enlarging is bilinear. When shrinking, a pixel is
 * the mean of the photo weighted by a tent that is two result pixels wide and rotated with the
 * result, so that every pixel of the photo contributes and nothing aliases; at a scale of one this
 * equals bilinear. At the photo's edge the mean is over the part inside; pixels outside the photo
 * are black.
 */
final class Warp {
  private final Rgb photo;
  private final Similarity tent;
  private final Similarity inverse;
  private final double radius;
  private final double[] sums = new double[3];
  private long outside;

  /**
   * @param forward from the photo to the result
   */
  Warp(Rgb photo, Similarity forward) {
    this.photo = photo;
    this.inverse = forward.inverse();
    boolean shrinking = forward.scale() < 1;
    // From photo pixels to the tent's units: result pixels when shrinking, else photo pixels.
    this.tent = shrinking ? forward : new Similarity(1, 0, 0, 0);
    this.radius = shrinking ? Math.abs(inverse.a()) + Math.abs(inverse.b()) : 1;
  }

  /** Number of pixels so far that were outside the photo. */
  long outside() {
    return outside;
  }

  /** Writes red, green and blue of the result's pixel (u, v). */
  void pixel(int u, int v, byte[] to, int at) {
    double x = inverse.x(u, v);
    double y = inverse.y(u, v);
    boolean inside = x >= -.5 && y >= -.5 && x < photo.width() - .5 && y < photo.height() - .5;
    if (!inside) {
      outside++;
      return;
    }
    double sum = sum(x, y);
    for (int c = 0; c < 3; c++) {
      to[at + c] = (byte) Math.round(sums[c] / sum);
    }
  }

  /** Sums the weighted colors under the tent at (x, y) and returns the sum of the weights. */
  private double sum(double x, double y) {
    double r = 0;
    double g = 0;
    double b = 0;
    double sum = 0;
    byte[] pixels = photo.pixels();
    int left = (int) Math.max(0, Math.ceil(x - radius));
    int right = (int) Math.min(photo.width() - 1, Math.floor(x + radius));
    int bottom = (int) Math.min(photo.height() - 1, Math.floor(y + radius));
    for (int j = (int) Math.max(0, Math.ceil(y - radius)); j <= bottom; j++) {
      double du = tent.a() * (left - x) - tent.b() * (j - y);
      double dv = tent.b() * (left - x) + tent.a() * (j - y);
      int from = 3 * (j * photo.width() + left);
      for (int i = left; i <= right; i++, from += 3, du += tent.a(), dv += tent.b()) {
        double weight = Math.max(0, 1 - Math.abs(du)) * Math.max(0, 1 - Math.abs(dv));
        sum += weight;
        r += weight * (pixels[from] & 255);
        g += weight * (pixels[from + 1] & 255);
        b += weight * (pixels[from + 2] & 255);
      }
    }
    sums[0] = r;
    sums[1] = g;
    sums[2] = b;
    return sum;
  }
}
