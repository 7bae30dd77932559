package dev.fizzy.image;

/**
 * An image of 8-bit red, green and blue.
 *
 * @param pixels [height, width, 3], row by row from the top
 */
public record Rgb(int width, int height, byte[] pixels) {
  public Rgb {
    if (pixels.length != 3L * width * height) {
      throw new IllegalArgumentException(
          width
              + " x "
              + height
              + " pixels need "
              + 3L * width * height
              + " bytes, not "
              + pixels.length);
    }
  }

  /** The largest centered square; this image if it is square. */
  public Rgb square() {
    int side = Math.min(width, height);
    return crop((width - side) / 2, (height - side) / 2, side, side);
  }

  /** The part of {@code w} x {@code h} pixels whose top left corner is (x, y). */
  public Rgb crop(int x, int y, int w, int h) {
    if (w == width && h == height) {
      return this;
    }
    byte[] part = new byte[3 * w * h];
    for (int row = 0; row < h; row++) {
      System.arraycopy(pixels, 3 * ((y + row) * width + x), part, 3 * row * w, 3 * w);
    }
    return new Rgb(w, h, part);
  }

  /** Copies an image that fits into this one to (x, y). */
  void put(Rgb part, int x, int y) {
    for (int row = 0; row < part.height; row++) {
      int to = 3 * ((y + row) * width + x);
      System.arraycopy(part.pixels, 3 * row * part.width, pixels, to, 3 * part.width);
    }
  }

  /** The image mirrored horizontally. */
  public Rgb mirrored() {
    byte[] mirror = new byte[pixels.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        System.arraycopy(pixels, 3 * (y * width + x), mirror, 3 * (y * width + width - 1 - x), 3);
      }
    }
    return new Rgb(width, height, mirror);
  }
}
