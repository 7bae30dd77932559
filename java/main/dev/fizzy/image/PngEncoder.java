package dev.fizzy.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Encodes 8-bit RGB as PNG (RFC 2083) with the Paeth filter and Huffman codes alone: in photos,
 * filtered bytes repeat too rarely for matches to be worth their search. docs/performance.md has
 * the times and sizes of other filters and levels.
 */
final class PngEncoder {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int RGB = 2;
  private static final byte PAETH = 4;
  private static final int PIXEL = 3;

  private final ByteArrayOutputStream out;

  private PngEncoder(int size) {
    out = new ByteArrayOutputStream(size);
  }

  /**
   * @param origin written to tEXt chunks and an XMP packet; null for none
   */
  static byte[] encode(Rgb image, SyntheticOrigin origin) {
    PngEncoder png = new PngEncoder(image.pixels().length);
    png.out.writeBytes(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(13).putInt(image.width()).putInt(image.height());
    png.chunk("IHDR", header.put((byte) 8).put((byte) RGB).array(), header.capacity());
    if (origin != null) {
      for (Map.Entry<String, String> field : origin.fields().entrySet()) {
        png.text("tEXt", field.getKey() + "\0" + field.getValue());
      }
      png.text("iTXt", "XML:com.adobe.xmp\0\0\0\0\0" + SyntheticOrigin.xmp());
    }
    png.pixels(filtered(image));
    png.chunk("IEND", new byte[0], 0);
    return png.out.toByteArray();
  }

  /** Rows of a filter type and the differences to what the neighbors predict. */
  private static byte[] filtered(Rgb image) {
    byte[] pixels = image.pixels();
    int row = PIXEL * image.width();
    byte[] rows = new byte[(row + 1) * image.height()];
    for (int y = 0, to = 0; y < image.height(); y++) {
      rows[to++] = PAETH;
      for (int x = 0, at = y * row; x < row; x++, at++) {
        int left = x < PIXEL ? 0 : pixels[at - PIXEL] & 255;
        int above = y == 0 ? 0 : pixels[at - row] & 255;
        int corner = x < PIXEL || y == 0 ? 0 : pixels[at - row - PIXEL] & 255;
        rows[to++] = (byte) (pixels[at] - paeth(left, above, corner));
      }
    }
    return rows;
  }

  /** The neighbor nearest to left + above - corner. */
  private static int paeth(int left, int above, int corner) {
    int toLeft = Math.abs(above - corner);
    int toAbove = Math.abs(left - corner);
    int toCorner = Math.abs(left + above - 2 * corner);
    return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
  }

  private void pixels(byte[] rows) {
    Deflater deflater = new Deflater();
    try {
      deflater.setStrategy(Deflater.HUFFMAN_ONLY);
      deflater.setInput(rows);
      deflater.finish();
      byte[] packed = new byte[rows.length + (rows.length >> 3) + 64]; // more than the worst case
      int length = 0;
      while (!deflater.finished()) {
        length += deflater.deflate(packed, length, packed.length - length);
      }
      chunk("IDAT", packed, length);
    } finally {
      deflater.end();
    }
  }

  private void text(String type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    chunk(type, bytes, bytes.length);
  }

  private void chunk(String type, byte[] data, int length) {
    byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data, 0, length);
    number(length);
    out.writeBytes(name);
    out.write(data, 0, length);
    number((int) crc.getValue());
  }

  private void number(int value) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
  }
}
