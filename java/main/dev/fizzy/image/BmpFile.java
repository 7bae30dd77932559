package dev.fizzy.image;

import java.io.IOException;
import javax.imageio.spi.ImageReaderSpi;

/** A Windows or OS/2 bitmap. */
final class BmpFile implements EncodedImage {
  private static final ImageReaderSpi READER = ImageIoServices.java("bmp");
  private static final int OS2_HEADER = 12;
  private static final int V4_HEADER = 108;
  private static final int COLOR_SPACE = 70;
  private static final int[] SRGB = {'B', 'G', 'R', 's'};
  private static final int EMBEDDED_JPEG = 4;

  private final byte[] bytes;
  private final int width;
  private final int height;

  private BmpFile(byte[] bytes, int width, int height) {
    this.bytes = bytes;
    this.width = width;
    this.height = height;
  }

  static BmpFile parse(byte[] bytes) throws ImageException {
    if (bytes.length < 26 || bytes.length < 14 + Bytes.int32Little(bytes, 14)) {
      throw new ImageException("truncated: the BMP ends in its header");
    }
    int header = Bytes.int32Little(bytes, 14);
    if (header == OS2_HEADER) {
      return new BmpFile(bytes, Bytes.uint16Little(bytes, 18), Bytes.uint16Little(bytes, 20));
    }
    if (header < 40) {
      throw new ImageException("damaged: a BMP header of " + header + " bytes");
    }
    if (Bytes.int32Little(bytes, 30) >= EMBEDDED_JPEG && Bytes.int32Little(bytes, 30) != 6) {
      throw new ImageException(
          "a BMP of compression " + Bytes.int32Little(bytes, 30) + ", which cannot be read");
    }
    int colors = Bytes.int32Little(bytes, 46);
    if (colors < 0 || colors > bytes.length / 4) {
      throw new ImageException("damaged: a BMP palette of " + (colors & 0xffffffffL) + " colors");
    }
    return new BmpFile(
        withoutProfile(bytes, header),
        Bytes.int32Little(bytes, 18),
        Math.abs(Bytes.int32Little(bytes, 22)));
  }

  private static byte[] withoutProfile(byte[] bytes, int header) {
    if (header < V4_HEADER) {
      return bytes;
    }
    byte[] plain = bytes.clone();
    for (int i = 0; i < 4; i++) {
      plain[COLOR_SPACE + i] = (byte) SRGB[i];
    }
    return plain;
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
    return 4;
  }

  @Override
  public Rgb pixels() throws IOException {
    return Samples.converted(PixelReader.read(READER, bytes, PixelReader.NONE, r -> r.read(0)));
  }
}
