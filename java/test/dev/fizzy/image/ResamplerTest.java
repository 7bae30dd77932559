package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResamplerTest {
  private static Rgb ramp(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      pixels[3 * i] = (byte) Math.round(i % width * 255f / (width - 1));
      pixels[3 * i + 1] = (byte) Math.round(i / width * 255f / (height - 1));
      pixels[3 * i + 2] = 50;
    }
    return new Rgb(width, height, pixels);
  }

  @Test
  void aRampStaysARamp() {
    for (int out : new int[] {112, 64, 16, 200}) {
      Rgb small = Resampler.resize(ramp(128, 128), out, out);
      for (int i = 0; i < out * out; i++) {
        double x = ((i % out + .5) * 128 / out - .5) / 127 * 255;
        double y = ((i / out + .5) * 128 / out - .5) / 127 * 255;
        // Two roundings, the ramp's own and the result's; a clipped triangle at the edge.
        boolean edge = i % out == 0 || i % out == out - 1 || i / out == 0 || i / out == out - 1;
        double tolerance = edge ? 1.5 + 255.0 / out : 1.5;
        assertEquals(Math.min(255, Math.max(0, x)), small.pixels()[3 * i] & 255, tolerance);
        assertEquals(Math.min(255, Math.max(0, y)), small.pixels()[3 * i + 1] & 255, tolerance);
        assertEquals(50, small.pixels()[3 * i + 2]);
      }
    }
  }

  @Test
  void aFineChequerboardTurnsGrey() {
    byte[] pixels = new byte[3 * 64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
      Arrays.fill(pixels, 3 * i, 3 * i + 3, (byte) ((i + i / 64) % 2 * 255));
    }
    for (byte v : Resampler.resize(new Rgb(64, 64, pixels), 16, 16).pixels()) {
      assertEquals(127.5, v & 255, 1);
    }
  }

  @Test
  void theSameSizeIsTheSameImage() {
    Rgb image = ramp(8, 8);
    assertSame(image, Resampler.resize(image, 8, 8));
  }

  @Test
  void squareIsCutFromTheMiddle() {
    Rgb image = ramp(10, 4);
    assertEquals(4, image.square().width());
    assertArrayEquals(image.crop(3, 0, 4, 4).pixels(), image.square().pixels());
    assertEquals(image.pixels()[9], image.square().pixels()[0]);
  }
}
