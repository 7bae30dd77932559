package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** WebP files made bit by bit. */
class WebpFileTest {
  private static byte[] chunk(String name, byte[] content) {
    ByteBuffer out =
        ByteBuffer.allocate(8 + content.length + content.length % 2).order(ByteOrder.LITTLE_ENDIAN);
    out.put(name.getBytes(StandardCharsets.ISO_8859_1)).putInt(content.length).put(content);
    return out.array();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] webp(byte[]... chunks) {
    return chunk("RIFF", concat("WEBP".getBytes(StandardCharsets.ISO_8859_1), concat(chunks)));
  }

  /** Bits, the lowest of each value first. */
  private static final class Bits {
    private final BitSet bits = new BitSet();
    private int length;

    Bits put(int value, int count) {
      for (int i = 0; i < count; i++) {
        bits.set(length++, (value >> i & 1) != 0);
      }
      return this;
    }

    byte[] bytes() {
      return Arrays.copyOf(bits.toByteArray(), (length + 7) / 8 + 8);
    }
  }

  /**
   * A lossless image of red 200 and blue 50, whose green is 10 or 90.
   *
   * @param high where it is 90
   * @param alpha of all pixels
   */
  private static byte[] lossless(int width, int height, boolean[] high, int alpha) {
    Bits bits = new Bits().put(0x2f, 8).put(width - 1, 14).put(height - 1, 14);
    bits.put(alpha < 255 ? 1 : 0, 1).put(0, 3);
    bits.put(0, 3); // no transform, no color cache, one set of codes
    bits.put(1, 1).put(1, 1).put(1, 1).put(10, 8).put(90, 8);
    for (int symbol : new int[] {200, 50, alpha}) {
      bits.put(1, 1).put(0, 1).put(1, 1).put(symbol, 8);
    }
    bits.put(1, 1).put(0, 1).put(0, 1).put(0, 1); // distances
    for (boolean each : high) {
      bits.put(each ? 1 : 0, 1);
    }
    return chunk("VP8L", bits.bytes());
  }

  /**
   * A lossy image of 16 x 16 pixels, all gray: in data of zeros each choice is the first, which is
   * no coefficient anywhere and prediction from the mean.
   */
  private static byte[] gray() {
    ByteBuffer out = ByteBuffer.allocate(10 + 400 + 400).order(ByteOrder.LITTLE_ENDIAN);
    int tag = 0x10 | 400 << 5;
    out.put((byte) tag).put((byte) (tag >> 8)).put((byte) (tag >> 16));
    out.put(new byte[] {(byte) 0x9d, 1, 0x2a}).putShort((short) 16).putShort((short) 16);
    return chunk("VP8 ", out.array());
  }

  private static byte[] extended(int flags, int width, int height) {
    Bits bits = new Bits().put(flags, 32).put(width - 1, 24).put(height - 1, 24);
    return chunk("VP8X", Arrays.copyOf(bits.bytes(), 10));
  }

  private static void pixel(Rgb image, int x, int y, int r, int g, int b, int tolerance) {
    int at = 3 * (y * image.width() + x);
    assertEquals(r, image.pixels()[at] & 255, tolerance, "red");
    assertEquals(g, image.pixels()[at + 1] & 255, tolerance, "green");
    assertEquals(b, image.pixels()[at + 2] & 255, tolerance, "blue");
  }

  private static final boolean[] SIX = {true, false, false, false, false, false};

  /** Lossless, lossy with alpha, animated: for the fuzzer. */
  static List<byte[]> files() {
    byte[] lossless = lossless(3, 2, SIX, 255);
    byte[] frame = chunk("ANMF", concat(new byte[16], lossless));
    return List.of(
        webp(lossless),
        webp(extended(0x10, 16, 16), chunk("ALPH", new byte[257]), gray()),
        webp(extended(2, 6, 3), frame, chunk("EXIF", PngFileTest.exif(6))));
  }

  @Test
  void losslessWithAndWithoutAlpha() throws IOException {
    Rgb image = ImageDecoder.decode(webp(lossless(3, 2, SIX, 255)));
    assertEquals(3, image.width());
    pixel(image, 0, 0, 200, 90, 50, 0);
    pixel(image, 2, 1, 200, 10, 50, 0);
    pixel(ImageDecoder.decode(webp(lossless(3, 2, SIX, 0))), 0, 0, 255, 255, 255, 0);
  }

  @Test
  void lossy() throws IOException {
    Rgb image = ImageDecoder.decode(webp(gray()));
    assertEquals(16, image.height());
    pixel(image, 7, 7, 130, 130, 130, 2);
  }

  /** Transparent to the left of column 8, stored plainly under each filter. */
  @Test
  void alphaBesideALossyImage() throws IOException {
    byte[] wanted = new byte[256];
    for (int i = 0; i < 256; i++) {
      wanted[i] = (byte) (i % 16 < 8 ? 0 : 255);
    }
    for (int filter = 0; filter < 4; filter++) {
      byte[] stored = new byte[257];
      stored[0] = (byte) (filter << 2);
      for (int i = 0; i < 256; i++) {
        int left = i % 16 == 0 ? (i == 0 ? 0 : wanted[i - 16]) : wanted[i - 1];
        int above = i < 16 ? (i == 0 ? 0 : wanted[i - 1]) : wanted[i - 16];
        int corner = i % 16 == 0 || i < 16 ? 0 : wanted[i - 17] & 255;
        int gradient =
            i % 16 == 0
                ? left
                : i < 16
                    ? above
                    : Math.max(0, Math.min(255, (left & 255) + (above & 255) - corner));
        int predicted = new int[] {0, left, above, gradient}[filter];
        stored[1 + i] = (byte) (wanted[i] - predicted);
      }
      byte[] file = webp(extended(0x10, 16, 16), chunk("ALPH", stored), gray());
      Rgb image = ImageDecoder.decode(file);
      pixel(image, 7, 9, 255, 255, 255, 0);
      pixel(image, 8, 9, 130, 130, 130, 2);
    }
  }

  @Test
  void isTurnedAsExifAndXmpSay() throws IOException {
    byte[] image = lossless(3, 2, SIX, 255);
    byte[] exif = chunk("EXIF", PngFileTest.exif(6));
    String xmp = "<tiff:Orientation>6</tiff:Orientation>";
    for (byte[] note : new byte[][] {exif, chunk("XMP ", xmp.getBytes())}) {
      Rgb turned = ImageDecoder.decode(webp(extended(0x0c, 3, 2), image, note));
      assertEquals(2, turned.width());
      pixel(turned, 1, 0, 200, 90, 50, 0);
    }
  }

  @Test
  void anAnimationIsItsFirstFrameOnItsCanvas() throws IOException {
    Bits place = new Bits().put(1, 24).put(0, 24).put(2, 24).put(1, 24).put(100, 24).put(0, 8);
    byte[] at = Arrays.copyOf(place.bytes(), 16);
    byte[] first = chunk("ANMF", concat(at, lossless(3, 2, SIX, 255)));
    byte[] second = chunk("ANMF", concat(at, lossless(3, 2, new boolean[6], 255)));
    byte[] control = chunk("ANIM", new byte[6]);
    Rgb image = ImageDecoder.decode(webp(extended(2, 6, 3), control, first, second));
    assertEquals(6, image.width());
    assertEquals(3, image.height());
    pixel(image, 2, 0, 200, 90, 50, 0);
    pixel(image, 0, 0, 255, 255, 255, 0);
    pixel(image, 5, 2, 255, 255, 255, 0);
  }

  @Test
  void aProfileChangesNothing() throws IOException {
    byte[] profile = chunk("ICCP", new byte[] {1, 2, 3});
    byte[] file = webp(extended(0x20, 3, 2), profile, lossless(3, 2, SIX, 255));
    pixel(ImageDecoder.decode(file), 0, 0, 200, 90, 50, 0);
  }

  @Test
  void tornAndHugeAreRefused() {
    byte[] whole = webp(gray());
    for (int cut = 12; cut < whole.length; cut += 50) {
      byte[] torn = Arrays.copyOf(whole, cut);
      assertThrows(ImageException.class, () -> ImageDecoder.decode(torn));
    }
    String message =
        assertThrows(
                ImageException.class,
                () -> ImageDecoder.decode(webp(lossless(16000, 16000, SIX, 255))))
            .getMessage();
    assertTrue(message.contains("16000 x 16000"), message);
  }
}
