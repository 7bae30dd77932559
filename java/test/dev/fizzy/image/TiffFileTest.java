package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** TIFF files of one strip, made field by field. */
class TiffFileTest {
  private static final int DATA = 8;

  /** Fields of one value, or of as many equal ones as a pixel has samples. */
  private static Map<Integer, Integer> fields(int width, int height, int samples, int photometric) {
    Map<Integer, Integer> fields = new TreeMap<>();
    fields.put(256, width);
    fields.put(257, height);
    fields.put(258, 8);
    fields.put(259, 1);
    fields.put(262, photometric);
    fields.put(273, DATA);
    fields.put(277, samples);
    fields.put(278, height);
    return fields;
  }

  private static byte[] tiff(Map<Integer, Integer> fields, long next, int... data) {
    int samples = fields.get(277);
    int directory = DATA + data.length + data.length % 2;
    int bits = directory + 2 + 12 * (fields.size() + 1) + 4;
    ByteBuffer out = ByteBuffer.allocate(bits + 2 * samples).order(ByteOrder.BIG_ENDIAN);
    out.put(new byte[] {'M', 'M', 0, '*'}).putInt(directory);
    for (int value : data) {
      out.put((byte) value);
    }
    out.position(directory).putShort((short) (fields.size() + 1));
    fields = new TreeMap<>(fields);
    fields.put(279, data.length);
    for (Map.Entry<Integer, Integer> field : fields.entrySet()) {
      out.putShort(field.getKey().shortValue()).putShort((short) 4);
      boolean far = field.getKey() == 258 && samples > 2;
      if (field.getKey() == 258) {
        out.putShort(out.position() - 2, (short) 3).putInt(samples);
        if (far) {
          out.putInt(bits);
        } else {
          out.putShort(field.getValue().shortValue()).putShort(field.getValue().shortValue());
        }
      } else {
        out.putInt(1).putInt(field.getValue());
      }
    }
    out.putInt((int) next);
    for (int s = 0; s < samples; s++) {
      out.putShort(fields.get(258).shortValue());
    }
    return out.array();
  }

  private static void pixel(byte[] tiff, int r, int g, int b, int tolerance) throws IOException {
    byte[] got = ImageDecoder.decode(tiff).pixels();
    assertEquals(r, got[0] & 255, tolerance, "red");
    assertEquals(g, got[1] & 255, tolerance, "green");
    assertEquals(b, got[2] & 255, tolerance, "blue");
  }

  @Test
  void colorsOfEveryKind() throws IOException {
    pixel(tiff(fields(1, 1, 3, 2), 0, 1, 2, 3), 1, 2, 3, 0);
    pixel(tiff(fields(1, 1, 1, 1), 0, 9), 9, 9, 9, 0);
    pixel(tiff(fields(1, 1, 1, 0), 0, 9), 246, 246, 246, 0);
    // Pillow: light = (255 - ink) * (255 - black) / 255
    pixel(tiff(fields(1, 1, 4, 5), 0, 0, 255, 51, 51), 204, 0, 163, 1);
    // sRGB red and gray 119 are Lab (D50) 54.29 80.80 69.89 and 50 0 0
    pixel(tiff(fields(1, 1, 3, 8), 0, 138, 81, 70), 255, 0, 0, 2);
    pixel(tiff(fields(1, 1, 3, 8), 0, 128, 0, 0), 119, 119, 119, 1);
  }

  @Test
  void bitsAndAlpha() throws IOException {
    Map<Integer, Integer> bilevel = fields(8, 1, 1, 0);
    bilevel.put(258, 1);
    pixel(tiff(bilevel, 0, 0x7f), 255, 255, 255, 0);
    Map<Integer, Integer> deep = fields(1, 1, 3, 2);
    deep.put(258, 16);
    pixel(tiff(deep, 0, 1, 200, 2, 200, 3, 200), 1, 2, 3, 0);
    Map<Integer, Integer> alpha = fields(1, 1, 4, 2);
    alpha.put(338, 2);
    pixel(tiff(alpha, 0, 100, 0, 255, 128), 177, 127, 255, 0);
    alpha.put(338, 1);
    pixel(tiff(alpha, 0, 50, 0, 128, 128), 177, 127, 255, 0);
    alpha.put(338, 0);
    pixel(tiff(alpha, 0, 50, 0, 128, 128), 50, 0, 128, 0);
  }

  @Test
  void isTurnedAsItsFieldSays() throws IOException {
    Map<Integer, Integer> fields = fields(2, 1, 1, 1);
    fields.put(274, 8);
    Rgb image = ImageDecoder.decode(tiff(fields, 0, 7, 8));
    assertEquals(1, image.width());
    assertEquals(8, image.pixels()[0]);
  }

  @Test
  void severalPagesAreTheFirst() throws IOException {
    byte[] page = tiff(fields(1, 1, 1, 1), 0, 9);
    byte[] two = tiff(fields(1, 1, 1, 1), page.length, 7);
    byte[] file = Arrays.copyOf(two, two.length + page.length);
    pixel(file, 7, 7, 7, 0);
  }

  /** The next directory is this one; so are EXIF's, GPS's and those of smaller images. */
  @Test
  void loopsOfDirectoriesAreNotFollowed() {
    Map<Integer, Integer> fields = fields(1, 1, 1, 1);
    for (int tag : new int[] {330, 34665, 34853, 40965}) {
      fields.put(tag, 10);
    }
    byte[] file = tiff(fields, 10, 7);
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> pixel(file, 7, 7, 7, 0));
  }

  /** The directory before the pixels: what is missing is not made up from what the reader adds. */
  @Test
  void tornPixelsAreRefused() throws IOException {
    byte[] file = tiff(fields(9, 9, 1, 1), 0, new int[81]);
    ByteBuffer moved = ByteBuffer.allocate(file.length + 81).put(file);
    int offset = 8 + 82 + 2 + 12 * 5 + 8; // of the sixth field, 273
    moved.putInt(offset, file.length);
    ImageDecoder.decode(moved.array());
    for (int cut = 1; cut < 81; cut += 8) {
      refused("truncated", Arrays.copyOf(moved.array(), moved.capacity() - cut));
    }
  }

  private static void refused(String part, byte[] file) {
    String message =
        assertThrows(ImageException.class, () -> ImageDecoder.decode(file)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void whatWouldTakeMemoryIsRefusedByItsHeader() {
    refused("100000 x 100000", tiff(fields(100_000, 100_000, 1, 1), 0, 9));
    Map<Integer, Integer> tiled = fields(1, 1, 1, 1);
    tiled.put(322, 1 << 30);
    tiled.put(323, 1 << 30);
    refused("tile", tiff(tiled, 0, 9));
    refused("samples", tiff(fields(1, 1, 60_000, 1), 0, 9));
    Map<Integer, Integer> signed = fields(1, 1, 1, 1);
    signed.put(339, 2);
    refused("signed", tiff(signed, 0, 9));
    refused("photometric", tiff(fields(1, 1, 1, 32803), 0, 9));
  }
}
