package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

class PngFileTest {
  private static byte[] chunk(String name, byte[] content) {
    ByteBuffer out = ByteBuffer.allocate(12 + content.length).putInt(content.length);
    out.put(name.getBytes(StandardCharsets.ISO_8859_1)).put(content);
    CRC32 crc = new CRC32();
    crc.update(out.array(), 4, 4 + content.length);
    return out.putInt((int) crc.getValue()).array();
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(bytes);
    }
    return out.toByteArray();
  }

  /**
   * A PNG of rows without a filter, each with its byte 0 before it; chunks go before the pixels.
   */
  private static byte[] png(int width, int height, int bits, int type, int[] rows, byte[]... chunks)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex("89504e470d0a1a0a"));
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) bits).put((byte) type);
    out.writeBytes(chunk("IHDR", header.array()));
    for (byte[] chunk : chunks) {
      out.writeBytes(chunk);
    }
    byte[] bytes = new byte[rows.length];
    for (int i = 0; i < rows.length; i++) {
      bytes[i] = (byte) rows[i];
    }
    out.writeBytes(chunk("IDAT", deflated(bytes)));
    out.writeBytes(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  private static void pixels(byte[] png, int... wanted) throws IOException {
    byte[] got = ImageDecoder.decode(png).pixels();
    int[] values = new int[got.length];
    for (int i = 0; i < got.length; i++) {
      values[i] = got[i] & 255;
    }
    assertArrayEquals(wanted, values);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void samplesOfEveryDepth() throws IOException {
    pixels(png(2, 1, 1, 0, new int[] {0, 0x40}), 0, 0, 0, 255, 255, 255);
    pixels(png(2, 1, 2, 0, new int[] {0, 0x60}), 85, 85, 85, 170, 170, 170);
    pixels(png(2, 1, 4, 0, new int[] {0, 0x1f}), 17, 17, 17, 255, 255, 255);
    pixels(png(1, 1, 16, 2, new int[] {0, 10, 200, 20, 200, 30, 200}), 10, 20, 30);
    pixels(png(1, 1, 16, 4, new int[] {0, 10, 200, 255, 255}), 10, 10, 10);
    pixels(png(1, 1, 8, 6, new int[] {0, 100, 0, 255, 128}), 177, 127, 255);
    pixels(png(2, 1, 16, 0, new int[] {0, 0, 9, 0, 255}), 9, 9, 9, 255, 255, 255);
  }

  @Test
  void gray16ThatWouldBecomeWhiteIsRefused() throws IOException {
    byte[] png = png(2, 1, 16, 0, new int[] {0, 0, 9, 64, 0});
    String message =
        assertThrows(ImageException.class, () -> ImageDecoder.decode(png)).getMessage();
    assertTrue(message.contains("16384") && message.contains("8 bits"), message);
  }

  @Test
  void transparentColorsAreWhite() throws IOException {
    byte[] key = chunk("tRNS", bytes(0, 1));
    pixels(png(2, 1, 2, 0, new int[] {0, 0x60}, key), 255, 255, 255, 170, 170, 170);
    byte[] color = chunk("tRNS", bytes(0, 1, 0, 2, 0, 3));
    int[] two = {0, 1, 2, 3, 1, 2, 4};
    pixels(png(2, 1, 8, 2, two, color), 255, 255, 255, 1, 2, 4);
    byte[] palette = chunk("PLTE", bytes(9, 8, 7, 6, 5, 4));
    byte[] alpha = chunk("tRNS", bytes(255, 0));
    int[] three = {0, 0, 1, 2};
    pixels(png(3, 1, 8, 3, three, palette, alpha), 9, 8, 7, 255, 255, 255, 0, 0, 0);
  }

  @Test
  void anAnimationIsItsDefaultImage() throws IOException {
    byte[] control = chunk("acTL", bytes(0, 0, 0, 2, 0, 0, 0, 0));
    byte[] frame = chunk("fdAT", bytes(0, 0, 0, 1, 1, 2, 3));
    pixels(png(1, 1, 8, 2, new int[] {0, 1, 2, 3}, control, frame), 1, 2, 3);
  }

  @Test
  void damagedNotesChangeNothing() throws IOException {
    byte[] profile = chunk("iCCP", bytes('x', 0, 0, 1, 2, 3));
    byte[] text = chunk("zTXt", bytes('x', 0, 0, 1, 2, 3));
    byte[] exif = chunk("eXIf", bytes(1, 2, 3));
    pixels(png(1, 1, 8, 2, new int[] {0, 1, 2, 3}, profile, text, exif), 1, 2, 3);
  }

  /** EXIF of one field, as JPEG has it. */
  static byte[] exif(int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(26);
    exif.put("MM\0*".getBytes(StandardCharsets.ISO_8859_1)).putInt(8).putShort((short) 1);
    exif.putShort((short) 274).putShort((short) 3).putInt(1).putShort((short) orientation);
    return exif.array();
  }

  private static final int[] SIX = {0, 1, 1, 1, 2, 2, 2, 0, 3, 3, 3, 4, 4, 4, 0, 5, 5, 5, 6, 6, 6};

  private static void turned(byte[] note) throws IOException {
    Rgb image = ImageDecoder.decode(png(2, 3, 8, 2, SIX, note));
    assertEquals(3, image.width());
    assertEquals(5, image.pixels()[0]);
    assertEquals(1, image.pixels()[6]);
  }

  @Test
  void isTurnedAsItsNotesSay() throws IOException {
    turned(chunk("eXIf", exif(6)));
    String raw = "\nexif\n      26\n" + HexFormat.of().formatHex(exif(6)).replace("2a", "2a\n");
    byte[] key = "Raw profile type exif\0\0".getBytes(StandardCharsets.ISO_8859_1);
    byte[] packed = deflated(raw.getBytes(StandardCharsets.ISO_8859_1));
    turned(
        chunk(
            "zTXt", ByteBuffer.allocate(key.length + packed.length).put(key).put(packed).array()));
    String xmp = "<x:xmpmeta><rdf:Description tiff:Orientation=\"6\"/></x:xmpmeta>";
    String head = "XML:com.adobe.xmp\0\0\0\0\0";
    turned(chunk("iTXt", (head + xmp).getBytes(StandardCharsets.ISO_8859_1)));
    byte[] headPacked = "XML:com.adobe.xmp\0\1\0en\0x\0".getBytes(StandardCharsets.ISO_8859_1);
    byte[] body = deflated(xmp.getBytes(StandardCharsets.ISO_8859_1));
    turned(
        chunk(
            "iTXt",
            ByteBuffer.allocate(headPacked.length + body.length)
                .put(headPacked)
                .put(body)
                .array()));
  }
}
