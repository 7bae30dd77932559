package dev.fizzy.image;

import java.io.IOException;
import org.apache.commons.imaging.Imaging;
import org.apache.commons.imaging.formats.jpeg.JpegImageMetadata;
import org.apache.commons.imaging.formats.tiff.TiffField;
import org.apache.commons.imaging.formats.tiff.constants.TiffTagConstants;

/**
 * How a camera was held: the eight values of EXIF's orientation tag, 1 where the first row is the
 * top and the first column the left side.
 */
final class Orientation {
  private static final int UPRIGHT = 1;
  private static final int LAST = 8;
  private static final int EXCHANGED = 5; // from here on rows are the image's columns

  private Orientation() {}

  /** The orientation of a JPEG; upright where its EXIF data do not say or cannot be read. */
  static int of(byte[] jpeg) {
    if (!ImageFormat.hasExif(jpeg)) {
      return UPRIGHT;
    }
    try {
      if (!(Imaging.getMetadata(jpeg) instanceof JpegImageMetadata metadata)) {
        return UPRIGHT;
      }
      TiffField field = metadata.findExifValueWithExactMatch(TiffTagConstants.TIFF_TAG_ORIENTATION);
      int value = field == null ? UPRIGHT : field.getIntValue();
      return value >= UPRIGHT && value <= LAST ? value : UPRIGHT;
    } catch (IOException | RuntimeException e) {
      return UPRIGHT; // the pixels are good, whatever the metadata are
    }
  }

  /** Turns and mirrors an image stored under an orientation so that it is upright. */
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
