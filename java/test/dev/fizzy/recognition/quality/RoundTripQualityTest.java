package dev.fizzy.recognition.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.identity.Contexts;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundTripQualityTest {
  private static Rgb flat(int value) {
    byte[] pixels = new byte[3 * 8 * 8];
    Arrays.fill(pixels, (byte) value);
    return new Rgb(8, 8, pixels);
  }

  /** Columns by turns. */
  private static Rgb stripes(int dark, int bright) {
    byte[] pixels = new byte[3 * 8 * 8];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 3 % 2 == 0 ? dark : bright);
    }
    return new Rgb(8, 8, pixels);
  }

  @Test
  void differencesAndCodes() {
    RoundTripQuality result =
        RoundTripQuality.of(
            List.of(flat(100), flat(10)), List.of(flat(110), flat(5)), new long[] {4, 0, 4, 4});
    assertEquals((10 + 5) / 2. / 127.5, result.l1(), 1e-9);
    double psnr = 20 * Math.log10(255) - (20 * Math.log10(10) + 20 * Math.log10(5)) / 2;
    assertEquals(psnr, result.psnr(), 1e-9);
    assertEquals(4, result.codes());
    assertEquals(3, result.codesUsed());
    assertEquals(3, result.perplexity(), 1e-9);
  }

  /** The Laplacian of stripes is +- 2 d: halving the contrast leaves a quarter of the variance. */
  @Test
  void sharpnessAndClipping() {
    RoundTripQuality result =
        RoundTripQuality.of(
            List.of(stripes(0, 80), stripes(0, 80)),
            List.of(stripes(20, 60), stripes(215, 255)),
            new long[] {1});
    assertEquals(160 * 160, result.faces().laplacian().median(), 1e-6);
    assertEquals(.25, result.sharpness(), 1e-9);
    assertEquals(.5, result.faces().clippedMean(), 1e-9);
    assertEquals(.25, result.again().clippedMean(), 1e-9);
  }

  @Test
  void cosinesAreByName() {
    Contexts faces = new Contexts(List.of("a", "b", "c"), new float[][] {{1, 0}, {0, 2}, {3, 3}});
    Contexts again = new Contexts(List.of("c", "a"), new float[][] {{1, 0}, {5, 0}});
    Contexts small = new Contexts(List.of("a", "c"), new float[][] {{0, 1}, {-1, 0}});
    RoundTripCosines cosines = RoundTripCosines.of(faces, small, again);
    assertEquals((1 + Math.sqrt(.5)) / 2, cosines.original().mean(), 1e-6);
    assertEquals(Math.sqrt(.5), cosines.original().quantile(0), 1e-6);
    assertEquals(-.5, cosines.resized().mean(), 1e-6);
    assertEquals(cosines.original().median(), cosines.fields().get("cosine_median"));
    assertEquals(-1., cosines.resized().quantile(0), 1e-6);
  }
}
