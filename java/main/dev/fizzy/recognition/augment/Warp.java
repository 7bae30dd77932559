package dev.fizzy.recognition.augment;

import dev.fizzy.image.Rgb;

/**
 * Geometric operations, bit by bit those of Pillow: the nearest pixel, in fixed point with 16
 * fractional bits, black outside the image.
 */
final class Warp {
  private static final double ONE = 65536;

  private Warp() {}

  /** Row y moves left by {@code factor} y. */
  static Rgb shearX(Rgb image, double factor) {
    return affine(image, 1, factor, 0, 0, 1, 0);
  }

  /** Moves the image right. */
  static Rgb translateX(Rgb image, int pixels) {
    return affine(image, 1, 0, -pixels, 0, 1, 0);
  }

  /** Rotates counterclockwise about the center. */
  static Rgb rotate(Rgb image, double degrees) {
    double angle = -Math.toRadians(degrees);
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    double x = image.width() / 2.0;
    double y = image.height() / 2.0;
    return affine(image, cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y);
  }

  /** The pixel at (x, y) comes from (a x + b y + c, d x + e y + f). */
  private static Rgb affine(Rgb image, double a, double b, double c, double d, double e, double f) {
    int width = image.width();
    int height = image.height();
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    int rowX = fixed(c + a / 2 + b / 2);
    int rowY = fixed(f + d / 2 + e / 2);
    for (int y = 0; y < height; y++) {
      int atX = rowX;
      int atY = rowY;
      for (int x = 0; x < width; x++) {
        int fromX = atX >> 16;
        int fromY = atY >> 16;
        if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
          System.arraycopy(in, 3 * (fromY * width + fromX), out, 3 * (y * width + x), 3);
        }
        atX += fixed(a);
        atY += fixed(d);
      }
      rowX += fixed(b);
      rowY += fixed(e);
    }
    return new Rgb(width, height, out);
  }

  private static int fixed(double v) {
    return (int) Math.floor(v * ONE + .5);
  }
}
