package dev.fizzy.image;

import java.util.Arrays;

/**
 * The strips or tiles of a TIFF page. They must be inside the file, because a directory is appended
 * to it.
 */
final class TiffParts {
  private static final int UNCOMPRESSED = 1;
  private static final int JPEG = 7;
  private static final int PLANAR = 2;
  private static final int STRIP_OFFSETS = 273;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_LENGTHS = 279;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_LENGTHS = 325;

  private final byte[] bytes;
  private final Ifd ifd;
  private final long[] offsets;
  private final long[] lengths;
  private final long compression;

  /** Whether stored lengths are used: compressed, or subsampled. */
  private final boolean lengthsCount;

  TiffParts(byte[] bytes, Ifd ifd) {
    this.bytes = bytes;
    this.ifd = ifd;
    boolean tiled = ifd.has(TILE_OFFSETS);
    offsets = ifd.numbers(tiled ? TILE_OFFSETS : STRIP_OFFSETS);
    lengths = ifd.numbers(tiled ? TILE_LENGTHS : STRIP_LENGTHS);
    compression = ifd.number(TiffFile.COMPRESSION, UNCOMPRESSED);
    lengthsCount =
        compression != UNCOMPRESSED || ifd.number(TiffFile.PHOTOMETRIC, 0) == TiffFile.YCBCR;
  }

  void check() throws ImageException {
    long pixels = 0;
    for (int i = 0; i < offsets.length; i++) {
      long length = !lengthsCount ? needed(i) : i < lengths.length ? lengths[i] : 0;
      if (offsets[i] + length > bytes.length) {
        throw new ImageException(
            "truncated: a part of the TIFF ends at byte "
                + (offsets[i] + length)
                + " of "
                + bytes.length);
      }
      if (compression == JPEG && length > 0) {
        pixels += jpegPixels((int) offsets[i], (int) length);
      }
    }
    if (pixels > 2 * ImageDecoder.PIXEL_LIMIT) { // each strip and tile may be larger than its place
      throw new ImageException("damaged: the JPEGs in the TIFF have " + pixels + " pixels");
    }
  }

  private long jpegPixels(int offset, int length) throws ImageException {
    JpegFile part = JpegFile.parse(Arrays.copyOfRange(bytes, offset, offset + length));
    return (long) part.width() * part.height();
  }

  /** Bytes of an uncompressed strip or tile. */
  private long needed(int part) {
    long width = ifd.number(TiffFile.TILE_WIDTH, ifd.number(TiffFile.WIDTH, 0));
    boolean planar = ifd.number(TiffFile.PLANES, 1) == PLANAR;
    long samples = planar ? 1 : ifd.number(TiffFile.SAMPLES, 1);
    return (width * samples * ifd.number(TiffFile.BITS, 1) + 7) / 8 * rows(part);
  }

  private long rows(int part) {
    if (ifd.has(TILE_OFFSETS)) {
      return ifd.number(TiffFile.TILE_HEIGHT, 1);
    }
    long height = ifd.number(TiffFile.HEIGHT, 0);
    long each = Math.max(1, Math.min(height, ifd.number(ROWS_PER_STRIP, height)));
    long strips = Math.max(1, (height + each - 1) / each); // in each plane
    return Math.min(each, height - part % strips * each);
  }
}
