package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OrientationTest {
  /** A JPEG as a camera writes it that was held so. */
  private static byte[] jpeg(Rgb image, int orientation) {
    byte[] plain = ImageEncoder.jpeg(image, 100, null);
    ByteBuffer exif = ByteBuffer.allocate(36).order(ByteOrder.BIG_ENDIAN);
    exif.putShort((short) 0xffe1).putShort((short) 34);
    exif.put("Exif\0\0".getBytes(StandardCharsets.ISO_8859_1));
    exif.put("MM\0*".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0).putInt(0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(plain, 0, 2);
    out.write(exif.array(), 0, 36);
    out.write(plain, 2, plain.length - 2);
    return out.toByteArray();
  }

  /** 48 x 32: the upper left quarter red, the upper right green, the lower left blue, black. */
  private static Rgb quarters() {
    byte[] pixels = new byte[3 * 48 * 32];
    for (int i = 0; i < 48 * 32; i++) {
      boolean left = i % 48 < 24;
      boolean up = i / 48 < 16;
      int c = up ? (left ? 0 : 1) : (left ? 2 : -1);
      if (c >= 0) {
        pixels[3 * i + c] = (byte) 255;
      }
    }
    return new Rgb(48, 32, pixels);
  }

  private static String corners(Rgb image) {
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < 4; k++) {
      int x = (k % 2 == 0 ? 1 : 3) * image.width() / 4;
      int y = (k < 2 ? 1 : 3) * image.height() / 4;
      int at = 3 * (y * image.width() + x);
      int r = image.pixels()[at] & 255;
      int g = image.pixels()[at + 1] & 255;
      int b = image.pixels()[at + 2] & 255;
      text.append(r > 128 ? 'r' : g > 128 ? 'g' : b > 128 ? 'b' : 'k');
    }
    return text.toString();
  }

  @Test
  void everyOrientationIsTurnedUpright() throws IOException {
    // EXIF 2.3, table 6: what the first row and the first column are
    String[] wanted = {"rgbk", "grkb", "kbgr", "bkrg", "rbgk", "brkg", "kgbr", "gkrb"};
    for (int o = 1; o <= 8; o++) {
      Rgb image = ImageDecoder.decode(jpeg(quarters(), o));
      assertEquals(wanted[o - 1], corners(image), "orientation " + o);
      assertEquals(o < 5 ? 48 : 32, image.width());
    }
  }

  @Test
  void nonsenseIsUpright() throws IOException {
    assertEquals("rgbk", corners(ImageDecoder.decode(jpeg(quarters(), 0))));
    assertEquals("rgbk", corners(ImageDecoder.decode(jpeg(quarters(), 99))));
    byte[] damaged = jpeg(quarters(), 6);
    Arrays.fill(damaged, 12, 36, (byte) 0xee);
    assertEquals("rgbk", corners(ImageDecoder.decode(damaged)));
  }
}
