package dev.fizzy.image;

import java.io.IOException;

/** An image file whose header has been read and checked, but whose pixels have not been decoded. */
interface EncodedImage {
  /** Width as stored, before the orientation is applied. */
  int width();

  int height();

  /** EXIF orientation, 1..8; upright in formats that cannot say. */
  default int orientation() {
    return Orientation.UPRIGHT;
  }

  /** Bytes per pixel needed for decoding, in addition to the 3 of the result. */
  int bytesPerPixel();

  /** Decodes the pixels, without applying the orientation. */
  Rgb pixels() throws IOException;
}
