package dev.fizzy.image;

import java.io.IOException;

/** An image file whose header has been read and checked, and whose pixels have not. */
interface EncodedImage {
  /** Width as stored, before it is turned upright. */
  int width();

  int height();

  /** EXIF's orientation, 1..8. */
  int orientation();

  /** Bytes that a pixel takes while it is decoded, beside the 3 of the result. */
  int bytesPerPixel();

  /** Decodes the pixels, as stored. */
  Rgb pixels() throws IOException;
}
