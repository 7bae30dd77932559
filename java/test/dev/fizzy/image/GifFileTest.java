package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** GIF files made byte by byte. */
class GifFileTest {
  /** Colors 0 red, 1 green, 2 blue, 3 white. */
  private static final String TABLE = "ff000000ff000000ffffffff";

  /** Two pixels, of colors 1 and 2: codes of three bits, 4 1 2 5. */
  private static final String DATA = "02028c0a00";

  private static byte[] gif(String screen, String... blocks) {
    return HexFormat.of().parseHex("474946383961" + screen + String.join("", blocks) + "3b");
  }

  private static String frame(int x, int y) {
    return String.format("2c%02x00%02x000200010000", x, y);
  }

  private static int[] pixels(byte[] gif) throws IOException {
    byte[] got = ImageDecoder.decode(gif).pixels();
    int[] values = new int[got.length];
    for (int i = 0; i < got.length; i++) {
      values[i] = got[i] & 255;
    }
    return values;
  }

  @Test
  void anAnimationIsItsFirstFrame() throws IOException {
    byte[] gif =
        gif("02000100810000" + TABLE, frame(0, 0), DATA, frame(0, 0), DATA.replace("8c0a", "540a"));
    assertArrayEquals(new int[] {0, 255, 0, 0, 0, 255}, pixels(gif));
  }

  @Test
  void aFrameLiesOnItsCanvas() throws IOException {
    byte[] gif = gif("03000100810000" + TABLE, frame(1, 0), DATA);
    assertArrayEquals(new int[] {255, 0, 0, 0, 255, 0, 0, 0, 255}, pixels(gif));
    String green = "21f9040100000100"; // transparent
    byte[] clear = gif("03000100810000" + TABLE, green, frame(1, 0), DATA);
    assertArrayEquals(new int[] {255, 255, 255, 255, 255, 255, 0, 0, 255}, pixels(clear));
    assertEquals(4, ImageDecoder.decode(gif("03000100810000" + TABLE, frame(2, 0), DATA)).width());
  }

  @Test
  void withoutColorsItIsGray() throws IOException {
    byte[] gif = gif("02000100010000", frame(0, 0), DATA);
    assertArrayEquals(new int[] {1, 1, 1, 2, 2, 2}, pixels(gif));
  }

  @Test
  void theFirstFrameHasToBeWhole() {
    byte[] gif = gif("02000100810000" + TABLE, frame(0, 0), DATA);
    ByteArrayOutputStream none = new ByteArrayOutputStream();
    none.write(gif, 0, 13 + 12);
    none.write(0x3b);
    String message =
        assertThrows(ImageException.class, () -> ImageDecoder.decode(none.toByteArray()))
            .getMessage();
    assertTrue(message.contains("without an image"), message);
  }
}
