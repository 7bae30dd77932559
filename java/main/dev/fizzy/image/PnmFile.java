package dev.fizzy.image;

import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;

/**
 * A portable bitmap, graymap or pixmap (P1 to P6). TwelveMonkeys' reader is not used because it
 * does not scale samples by the maximum value in the file.
 */
final class PnmFile implements EncodedImage {
  private static final String DIGITS = "123456";

  private final byte[] bytes;
  private final int kind;
  private int at = 2;
  private int width;
  private int height;
  private int maxValue = 1;

  private PnmFile(byte[] bytes) {
    this.bytes = bytes;
    this.kind = bytes[1] - '0';
  }

  static boolean starts(byte[] bytes) {
    return bytes.length > 2
        && bytes[0] == 'P'
        && DIGITS.indexOf(bytes[1]) >= 0
        && (bytes[2] == '#' || Character.isWhitespace(bytes[2]));
  }

  static PnmFile parse(byte[] bytes) throws ImageException {
    PnmFile file = new PnmFile(bytes);
    file.width = file.number();
    file.height = file.number();
    if (!file.isBitmap()) {
      file.maxValue = file.number();
      if (file.maxValue < 1 || file.maxValue > 65535) {
        throw new ImageException("damaged: the PNM's largest value is " + file.maxValue);
      }
    }
    file.at += file.isPlain() ? 0 : 1; // one blank before binary samples
    return file;
  }

  private boolean isPlain() {
    return kind <= 3;
  }

  private boolean isBitmap() {
    return kind == 1 || kind == 4;
  }

  private int bands() {
    return kind % 3 == 0 ? 3 : 1;
  }

  /** Reads the next number of the header or of plain samples, after blanks and comments. */
  private int number() throws ImageException {
    skipBlanks();
    int start = at;
    long value = 0;
    while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9' && value < 1L << 31) {
      value = 10 * value + bytes[at++] - '0';
    }
    if (at == start || value > Integer.MAX_VALUE) {
      throw new ImageException("damaged or truncated: a PNM without a number at byte " + start);
    }
    return (int) value;
  }

  private void skipBlanks() {
    while (at < bytes.length && (bytes[at] == '#' || Character.isWhitespace(bytes[at]))) {
      if (bytes[at] == '#') {
        while (at < bytes.length && bytes[at] != '\n' && bytes[at] != '\r') {
          at++;
        }
      } else {
        at++;
      }
    }
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int bytesPerPixel() {
    return bands() * (isGray16() ? 2 : 1);
  }

  /** Whether Pillow scales the gray values to 16 bits. */
  private boolean isGray16() {
    return maxValue > 255 && bands() == 1;
  }

  @Override
  public Rgb pixels() throws IOException {
    long needed = isPlain() ? (long) width * height * bands() : (long) rowBytes() * height;
    if (needed > bytes.length - at) {
      throw new ImageException("truncated: the PNM ends before its last row");
    }
    int type = isGray16() ? java.awt.image.DataBuffer.TYPE_USHORT : 0;
    WritableRaster raster = Raster.createInterleavedRaster(type, width, height, bands(), null);
    int[] row = new int[width * bands()];
    int full = isGray16() ? 65535 : 255;
    for (int y = 0; y < height; y++) {
      read(row, at + y * rowBytes());
      for (int i = 0; i < row.length; i++) {
        row[i] = (int) ((2L * Math.min(row[i], maxValue) * full + maxValue) / (2L * maxValue));
      }
      raster.setPixels(0, y, width, 1, row);
    }
    return isGray16()
        ? Samples.gray16(raster)
        : Samples.rgb(raster, bands() == 1 ? Colors.GRAY : Colors.RGB);
  }

  private int rowBytes() {
    return isPlain()
        ? 0
        : isBitmap() ? (width + 7) / 8 : width * bands() * (maxValue > 255 ? 2 : 1);
  }

  private void read(int[] row, int from) throws ImageException {
    for (int i = 0; i < row.length; i++) {
      row[i] =
          switch (kind) {
            case 1 -> 1 - bit();
            case 4 -> 1 - (bytes[from + i / 8] >> 7 - i % 8 & 1); // 1 is black
            case 2, 3 -> number();
            default -> maxValue > 255 ? Bytes.uint16(bytes, from + 2 * i) : bytes[from + i] & 255;
          };
    }
  }

  /** Reads a bit of a plain bitmap, whose bits need no blanks between them. */
  private int bit() throws ImageException {
    skipBlanks();
    if (at >= bytes.length || bytes[at] != '0' && bytes[at] != '1') {
      throw new ImageException("damaged or truncated: a PNM without a bit at byte " + at);
    }
    return bytes[at++] - '0';
  }
}
