package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** JPEG files as people have them, beside what is in them. */
class JpegFileTest {
  private static final int APP2 = 0xe2;
  private final byte[] plain = ImageEncoder.jpeg(Pictures.noise(24, 3), 90, null);
  private final Rgb pixels = decoded(plain);

  private static Rgb decoded(byte[] jpeg) {
    try {
      return ImageDecoder.decode(jpeg);
    } catch (ImageException e) {
      throw new AssertionError(e);
    }
  }

  /** Puts bytes behind the start of image. */
  private byte[] with(byte[] inserted) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(plain, 0, 2);
    out.writeBytes(inserted);
    out.write(plain, 2, plain.length - 2);
    return out.toByteArray();
  }

  private static byte[] segment(int marker, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0xff);
    out.write(marker);
    out.write(content.length + 2 >> 8);
    out.write(content.length + 2);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] profile(int number, int of, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1));
    out.write(number);
    out.write(of);
    out.writeBytes(content);
    return segment(APP2, out.toByteArray());
  }

  private void same(byte[] jpeg) {
    assertArrayEquals(pixels.pixels(), decoded(jpeg).pixels());
  }

  @Test
  void aProfileChangesNothing() {
    byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    byte[] garbage = new byte[300];
    new Random(1).nextBytes(garbage);
    same(with(profile(1, 1, linear)));
    same(with(profile(1, 1, garbage)));
    same(with(profile(1, 1, new byte[0])));
    same(with(segment(APP2, "ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1))));
    ByteArrayOutputStream many = new ByteArrayOutputStream(); // duplicates, and 2 MB of them
    for (int i = 0; i < 32; i++) {
      many.writeBytes(profile(1, 3, new byte[65_000]));
    }
    same(with(many.toByteArray()));
  }

  @Test
  void bytesBetweenSegmentsArePassedOver() {
    byte[] note = segment(0xfe, new byte[] {5});
    for (String odd : new String[] {"01020304", "ff0007", "ffffff"}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(note);
      out.writeBytes(HexFormat.of().parseHex(odd));
      same(with(out.toByteArray()));
    }
  }

  /** As libjpeg guesses: JFIF is YCbCr, else Adobe's marker decides, else the components' names. */
  @Test
  void threeComponentsAreRgbWhereTheFileSaysSo() {
    byte[] without = plain.clone();
    without[6] = 'X'; // no JFIF marker
    assertArrayEquals(pixels.pixels(), decoded(without).pixels());
    byte[] adobe = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    raw.write(without, 0, 2);
    raw.writeBytes(segment(0xee, adobe));
    raw.write(without, 2, without.length - 2);
    Rgb stored = decoded(raw.toByteArray());
    byte[] converted = new byte[pixels.pixels().length];
    int[] samples = new int[converted.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = stored.pixels()[i] & 255;
    }
    YccColors.rgb(samples, 3, samples.length / 3, converted, 0);
    assertArrayEquals(pixels.pixels(), converted);
    same(with(segment(0xee, adobe))); // JFIF comes first
  }

  private static void refused(String part, byte[] jpeg) {
    String message =
        assertThrows(ImageException.class, () -> ImageDecoder.decode(jpeg)).getMessage();
    assertTrue(message.contains(part), message);
  }

  private int frameHeader() {
    for (int i = 2; ; i++) {
      if (plain[i] == (byte) 0xff && plain[i + 1] == (byte) 0xc0) {
        return i;
      }
    }
  }

  @Test
  void kindsThatCannotBeReadAreNamed() {
    byte[] other = plain.clone();
    other[frameHeader() + 1] = (byte) 0xc9;
    refused("arithmetic", other);
    other[frameHeader() + 1] = (byte) 0xc1;
    other[frameHeader() + 4] = 12;
    refused("12 bits", other);
    other = plain.clone();
    other[frameHeader() + 1] = (byte) 0xc2;
    ByteArrayOutputStream scans = new ByteArrayOutputStream();
    scans.writeBytes(other);
    for (int i = 0; i < 200; i++) {
      scans.writeBytes(new byte[] {(byte) 0xff, (byte) 0xda});
    }
    refused("scans", scans.toByteArray());
  }

  /**
   * A lossless JPEG of 8-bit gray, each sample predicted by the one to its left; differences of -8
   * to 8 alone. Its Huffman table has the nine categories 0 to 8, of four bits each.
   */
  private static byte[] lossless(int[][] gray) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xd8});
    int height = gray.length;
    int width = gray[0].length;
    out.writeBytes(segment(0xc3, new byte[] {8, 0, (byte) height, 0, (byte) width, 1, 1, 0x11, 0}));
    byte[] table = new byte[17 + 9];
    table[4] = 9;
    for (int i = 0; i < 9; i++) {
      table[17 + i] = (byte) i;
    }
    out.writeBytes(segment(0xc4, table));
    out.writeBytes(segment(0xda, new byte[] {1, 1, 0, 1, 0, 0}));
    StringBuilder bits = new StringBuilder();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int predicted = x > 0 ? gray[y][x - 1] : y > 0 ? gray[y - 1][0] : 128;
        int difference = gray[y][x] - predicted;
        int category = 32 - Integer.numberOfLeadingZeros(Math.abs(difference));
        bits.append(binary(category, 4));
        int value = difference < 0 ? difference + (1 << category) - 1 : difference;
        bits.append(binary(value, category));
      }
    }
    while (bits.length() % 8 != 0) {
      bits.append('1');
    }
    for (int i = 0; i < bits.length(); i += 8) {
      int next = Integer.parseInt(bits.substring(i, i + 8), 2);
      out.write(next);
      if (next == 0xff) {
        out.write(0);
      }
    }
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xd9});
    return out.toByteArray();
  }

  private static String binary(int value, int digits) {
    StringBuilder text = new StringBuilder();
    for (int i = digits - 1; i >= 0; i--) {
      text.append(value >> i & 1);
    }
    return text.toString();
  }

  @Test
  void losslessIsExact() throws IOException {
    int[][] gray = new int[9][11];
    for (int y = 0; y < 9; y++) {
      for (int x = 0; x < 11; x++) {
        gray[y][x] = 125 + (3 * x * y + x + 2 * y) % 5;
      }
    }
    Rgb image = ImageDecoder.decode(lossless(gray));
    assertEquals(11, image.width());
    for (int i = 0; i < 99; i++) {
      assertEquals(gray[i / 11][i % 11], image.pixels()[3 * i] & 255, "pixel " + i);
    }
  }
}
