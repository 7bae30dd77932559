package dev.fizzy.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import javax.imageio.spi.ImageReaderSpi;

/**
 * A complete PNG file with valid checksums; of an animated PNG the default image. Only the chunks
 * needed for the pixels are decoded, and transparency is applied here.
 */
final class PngFile implements EncodedImage {
  private static final ImageReaderSpi READER = ImageIoServices.java("png");
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GRAY_ALPHA = 4;

  private final byte[] bytes;
  private final ByteArrayOutputStream kept;
  private final PngNotes notes = new PngNotes();
  private int width;
  private int height;
  private int bits;
  private int type;
  private int[] palette = new int[0];
  private int[] key;

  private PngFile(byte[] bytes) {
    this.bytes = bytes;
    this.kept = new ByteArrayOutputStream(bytes.length);
  }

  static PngFile parse(byte[] bytes) throws ImageException {
    PngFile file = new PngFile(bytes);
    file.kept.write(bytes, 0, 8);
    file.chunks();
    return file;
  }

  private void chunks() throws ImageException {
    CRC32 crc = new CRC32();
    int at = 8;
    String name = "";
    while (!name.equals("IEND")) {
      if (bytes.length - at < 12) {
        throw new ImageException(
            "truncated: the PNG ends after " + bytes.length + " bytes, before its last chunk");
      }
      int length = Bytes.int32(bytes, at);
      if (length < 0 || length > bytes.length - at - 12) {
        throw new ImageException(
            "truncated: a PNG chunk of "
                + (length & 0xffffffffL)
                + " bytes at "
                + at
                + " goes beyond the end");
      }
      crc.reset();
      crc.update(bytes, at + 4, length + 4);
      if (Bytes.int32(bytes, at + 8 + length) != (int) crc.getValue()) {
        throw new ImageException("damaged: the checksum of the PNG chunk at " + at + " is wrong");
      }
      name = Bytes.latin1(bytes, at + 4, 4);
      if (at == 8 && !name.equals("IHDR")) {
        throw new ImageException("damaged: the PNG does not start with its header");
      }
      if (chunk(name, at + 8, length)) {
        kept.write(bytes, at, length + 12);
      }
      at += length + 12;
    }
  }

  /** Reads a chunk and returns whether it is needed to decode the pixels. */
  private boolean chunk(String name, int at, int length) throws ImageException {
    switch (name) {
      case "IDAT", "IEND" -> {
        return true;
      }
      case "IHDR" -> header(at, length);
      case "PLTE" -> palette(at, length);
      case "tRNS" -> transparency(at, length);
      default -> notes.chunk(name, bytes, at, length);
    }
    return name.equals("IHDR") || name.equals("PLTE") && type == PALETTE;
  }

  private void header(int at, int length) throws ImageException {
    if (length != 13) {
      throw new ImageException("damaged: a PNG header of " + length + " bytes");
    }
    width = Bytes.int32(bytes, at);
    height = Bytes.int32(bytes, at + 4);
    bits = Bytes.uint8(bytes, at + 8);
    type = Bytes.uint8(bytes, at + 9);
  }

  private void palette(int at, int length) {
    palette = new int[length / 3];
    for (int i = 0; i < palette.length; i++) {
      int color = at + 3 * i;
      palette[i] = 0xff000000 | Bytes.uint8(bytes, color) << 16 | Bytes.uint16(bytes, color + 1);
    }
  }

  /** Reads the alpha of each palette color, or the transparent color. */
  private void transparency(int at, int length) {
    if (type == PALETTE) {
      for (int i = 0; i < Math.min(length, palette.length); i++) {
        palette[i] = palette[i] & 0xffffff | Bytes.uint8(bytes, at + i) << 24;
      }
    } else if (type == GRAY && length >= 2) {
      key = new int[] {Bytes.uint16(bytes, at)};
    } else if (type == RGB && length >= 6) {
      key =
          new int[] {
            Bytes.uint16(bytes, at), Bytes.uint16(bytes, at + 2), Bytes.uint16(bytes, at + 4)
          };
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
  public int orientation() {
    return notes.orientation();
  }

  @Override
  public int bytesPerPixel() {
    int samples =
        type == PALETTE || type == GRAY ? 1 : type == GRAY_ALPHA ? 2 : type == RGB ? 3 : 4;
    return samples * (bits > 8 ? 2 : 1);
  }

  @Override
  public Rgb pixels() throws IOException {
    Raster raster =
        PixelReader.read(READER, kept.toByteArray(), PixelReader.NONE, r -> r.read(0).getRaster());
    return switch (type) {
      case GRAY ->
          bits == 16 ? Samples.gray16(raster) : Samples.rgb(raster, bits, key, Colors.GRAY);
      case RGB -> Samples.rgb(raster, bits, key, Colors.RGB);
      case PALETTE -> Samples.rgb(raster, Colors.palette(palette));
      case GRAY_ALPHA -> Samples.rgb(raster, bits, null, Colors.GRAY_ALPHA);
      default -> Samples.rgb(raster, bits, null, Colors.RGB_ALPHA);
    };
  }
}
