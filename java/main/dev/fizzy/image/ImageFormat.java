package dev.fizzy.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** What a file is by its first bytes, whatever its name, and whether it is whole. */
enum ImageFormat {
  PNG,
  JPEG,
  GIF,
  BMP,
  TIFF;

  private static final long PNG_MAGIC = 0x89504e470d0a1a0aL;
  private static final int CHUNK_ACTL = 0x6163544c;
  private static final int CHUNK_IEND = 0x49454e44;

  static ImageFormat of(byte[] bytes) throws ImageException {
    if (bytes.length == 0) {
      throw new ImageException("the file is empty");
    }
    if (bytes.length >= 8 && ByteBuffer.wrap(bytes).getLong() == PNG_MAGIC) {
      return PNG;
    }
    if (starts(bytes, 0, "\u00ff\u00d8\u00ff")) {
      return JPEG;
    }
    if (starts(bytes, 0, "GIF8")) {
      return GIF;
    }
    if (starts(bytes, 0, "BM")) {
      return BMP;
    }
    if (starts(bytes, 0, "II*\0") || starts(bytes, 0, "MM\0*")) {
      return TIFF;
    }
    if (starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP")) {
      throw new ImageException("WebP images cannot be read");
    }
    if (starts(bytes, 4, "ftyp")) {
      throw new ImageException("HEIC and AVIF images cannot be read");
    }
    throw new ImageException("not an image, by its first bytes");
  }

  private static boolean starts(byte[] bytes, int at, String magic) {
    byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
    return bytes.length >= at + wanted.length
        && java.util.Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
  }

  /** Every chunk is there and its checksum is right; ImageIO looks at neither. */
  static void checkPng(byte[] bytes) throws ImageException {
    ByteBuffer in = ByteBuffer.wrap(bytes).position(8);
    CRC32 crc = new CRC32();
    while (true) {
      if (in.remaining() < 12) {
        throw new ImageException(
            "truncated: the PNG ends after " + bytes.length + " bytes, before its last chunk");
      }
      int length = in.getInt();
      int at = in.position();
      if (length < 0 || length > in.remaining() - 8) {
        throw new ImageException(
            "truncated: a PNG chunk of "
                + (length & 0xffffffffL)
                + " bytes at "
                + at
                + " goes beyond the end");
      }
      crc.reset();
      crc.update(bytes, at, length + 4);
      int type = in.getInt();
      in.position(at + 4 + length);
      if (in.getInt() != (int) crc.getValue()) {
        throw new ImageException("damaged: the checksum of the PNG chunk at " + at + " is wrong");
      }
      if (type == CHUNK_ACTL) {
        throw new ImageException("animated");
      }
      if (type == CHUNK_IEND) {
        return;
      }
    }
  }

  /** Whether a JPEG has a segment of EXIF data before its pixels. */
  static boolean hasExif(byte[] jpeg) {
    int at = 2;
    while (at + 10 <= jpeg.length && (jpeg[at] & 255) == 0xff && (jpeg[at + 1] & 255) != 0xda) {
      if ((jpeg[at + 1] & 255) == 0xe1 && starts(jpeg, at + 4, "Exif\0\0")) {
        return true;
      }
      at += 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
    }
    return false;
  }

  /** The colour transform that an Adobe marker names (0 none, 1 YCbCr, 2 YCCK), or -1. */
  static int adobeTransform(byte[] jpeg) {
    int at = 2;
    while (at + 4 <= jpeg.length && (jpeg[at] & 255) == 0xff) {
      int marker = jpeg[at + 1] & 255;
      int length = (jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255;
      if (marker == 0xee
          && length >= 14
          && starts(jpeg, at + 4, "Adobe")
          && at + 15 < jpeg.length) {
        return jpeg[at + 15] & 255;
      }
      if (marker == 0xda) {
        return -1;
      }
      at += 2 + length;
    }
    return -1;
  }
}
