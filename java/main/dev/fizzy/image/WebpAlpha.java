package dev.fizzy.image;

import java.util.Arrays;

/** Uncompressed alpha of a lossy WebP, which TwelveMonkeys' reader ignores. */
final class WebpAlpha {
  private static final int HORIZONTAL = 1;
  private static final int VERTICAL = 2;
  private static final int GRADIENT = 3;

  private WebpAlpha() {}

  /** Whether an ALPH chunk is uncompressed, from its first byte, the flags. */
  static boolean isPlain(int flags) {
    return (flags & 3) == 0;
  }

  /**
   * Decodes the alpha plane: each value is stored as the difference from its prediction by
   * neighbors.
   *
   * @return [height, width]
   */
  static byte[] plane(byte[] bytes, int at, int length, int width, int height)
      throws ImageException {
    int count = width * height;
    if (length - 1 < count) {
      throw new ImageException("truncated: the WebP's alpha ends after " + length + " bytes");
    }
    int filter = bytes[at] >> 2 & 3;
    byte[] plane = Arrays.copyOfRange(bytes, at + 1, at + 1 + count);
    for (int i = 0; i < count; i++) {
      boolean first = i % width == 0;
      int left = first ? 0 : plane[i - 1] & 255;
      int above = i < width ? 0 : plane[i - width] & 255;
      int corner = first || i < width ? 0 : plane[i - width - 1] & 255;
      plane[i] +=
          (byte)
              switch (filter) {
                case HORIZONTAL -> first ? above : left;
                case VERTICAL -> i < width ? left : above;
                case GRADIENT ->
                    first || i < width
                        ? left + above
                        : Math.max(0, Math.min(255, left + above - corner));
                default -> 0;
              };
    }
    return plane;
  }

  /** Blends an image with white, in place. */
  static Rgb onWhite(Rgb image, byte[] alpha) {
    byte[] rgb = image.pixels();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Colors.onWhite(rgb[i] & 255, alpha[i / 3] & 255);
    }
    return image;
  }
}
