package dev.fizzy.image;

import java.util.Arrays;

/** Alpha of a lossy WebP that is stored without packing, which TwelveMonkeys' reader leaves out. */
final class WebpAlpha {
  private static final int HORIZONTAL = 1;
  private static final int VERTICAL = 2;
  private static final int GRADIENT = 3;

  private WebpAlpha() {}

  /** Whether the content of a chunk ALPH, which starts with a byte of flags, is not packed. */
  static boolean isPlain(int flags) {
    return (flags & 3) == 0;
  }

  /**
   * Undoes the filter: each value is stored less the one that its neighbors predict.
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

  /** Lays an image on white, in place. */
  static Rgb onWhite(Rgb image, byte[] alpha) {
    byte[] rgb = image.pixels();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Colors.onWhite(rgb[i] & 255, alpha[i / 3] & 255);
    }
    return image;
  }
}
