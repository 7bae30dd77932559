package dev.fizzy.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The EXIF orientation, 1..8; 1 means that the first row is the top and the first column the left
 * side. As in Pillow's {@code exif_transpose}, the value in XMP is used only if EXIF has none.
 */
final class Orientation {
  static final int UPRIGHT = 1;
  private static final int LAST = 8;
  private static final int EXCHANGED = 5; // from this value on rows and columns are exchanged
  private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  private Orientation() {}

  /** The orientation in EXIF or an XMP packet; upright if neither has one. */
  static int of(Ifd exif, String xmp) {
    if (exif != null && exif.has(Ifd.ORIENTATION)) {
      return valid(exif.number(Ifd.ORIENTATION, UPRIGHT));
    }
    Matcher matcher = XMP.matcher(xmp);
    return matcher.find() ? valid(matcher.group(1).charAt(0) - '0') : UPRIGHT;
  }

  private static int valid(long value) {
    return value >= UPRIGHT && value <= LAST ? (int) value : UPRIGHT;
  }

  /**
   * Reads EXIF data in {@code length} bytes from {@code from} on, with or without JPEG's prefix of
   * six bytes; null if they cannot be read, because the pixels are still usable.
   */
  static Ifd exif(byte[] bytes, int from, int length) {
    int skip = Bytes.startsWith(bytes, from, "Exif\0\0") ? 6 : 0;
    try {
      return Ifd.first(bytes, from + skip, length - skip);
    } catch (ImageException e) {
      return null;
    }
  }

  /** Rotates and mirrors an image stored with an orientation so that it is upright. */
  static Rgb upright(Rgb image, int orientation) {
    if (orientation == UPRIGHT) {
      return image;
    }
    boolean exchanged = orientation >= EXCHANGED;
    int width = exchanged ? image.height() : image.width();
    int height = exchanged ? image.width() : image.height();
    byte[] from = image.pixels();
    byte[] to = new byte[from.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = exchanged ? y : x;
        int row = exchanged ? x : y;
        if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
          column = image.width() - 1 - column;
        }
        if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
          row = image.height() - 1 - row;
        }
        int in = 3 * (row * image.width() + column);
        int out = 3 * (y * width + x);
        to[out] = from[in];
        to[out + 1] = from[in + 1];
        to[out + 2] = from[in + 2];
      }
    }
    return new Rgb(width, height, to);
  }
}
