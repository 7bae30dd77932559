package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AreaResamplerTest {
  private static Rgb noise(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    new Random(3).nextBytes(pixels);
    return new Rgb(width, height, pixels);
  }

  private static int at(Rgb image, int x, int y, int c) {
    boolean inside = x >= 0 && y >= 0 && x < image.width() && y < image.height();
    return inside ? image.pixels()[3 * (y * image.width() + x) + c] & 255 : 0;
  }

  /** Share of input pixel k that output pixel i of a shrinking axis covers. */
  private static double share(int i, int k, double scale) {
    return Math.max(0, Math.min((i + 1) * scale, k + 1) - Math.max(i * scale, k)) / scale;
  }

  @Test
  void aPixelIsTheMeanOfItsArea() {
    Rgb image = noise(31, 23);
    for (int[] out : new int[][] {{31, 23}, {16, 12}, {7, 5}, {1, 1}, {30, 22}}) {
      Rgb small = AreaResampler.resize(image, out[0], out[1]);
      for (int i = 0; i < out[0] * out[1]; i++) {
        double sum = 0;
        for (int y = 0; y < 23; y++) {
          for (int x = 0; x < 31; x++) {
            sum +=
                share(i % out[0], x, 31. / out[0])
                    * share(i / out[0], y, 23. / out[1])
                    * at(image, x, y, 1);
          }
        }
        assertEquals(sum, small.pixels()[3 * i + 1] & 255, .51);
      }
    }
  }

  @Test
  void growingIsLinear() {
    Rgb two = new Rgb(2, 1, new byte[] {0, 10, 20, 100, 50, 20});
    Rgb four = AreaResampler.resize(two, 4, 1);
    assertArrayEquals(new byte[] {0, 10, 20, 25, 20, 20, 75, 40, 20, 100, 50, 20}, four.pixels());
  }

  @Test
  void beyondTheImageIsBlack() {
    Rgb image = noise(9, 8);
    byte[] out = new byte[3 * 12 * 11 + 1];
    AreaResampler.part(image, -2, -1, 12, 11, 12, 11, out, 1);
    for (int y = 0; y < 11; y++) {
      for (int x = 0; x < 12; x++) {
        assertEquals(at(image, x - 2, y - 1, 2), out[1 + 3 * (12 * y + x) + 2] & 255);
      }
    }
    byte[] far = {1, 1, 1};
    AreaResampler.part(image, 50, 60, 4, 4, 1, 1, far, 0);
    assertArrayEquals(new byte[3], far);
  }

  @Test
  void theSameSizeIsTheSameImage() {
    Rgb image = noise(5, 5);
    assertSame(image, AreaResampler.resize(image, 5, 5));
  }
}
