package dev.fizzy.image.degrade;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Philox;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DegradationTest {
  private static final int SIDE = 64;

  private static Philox random(long image) {
    return new Philox(3, Philox.Purpose.AUGMENT, image);
  }

  private static Rgb filled(int red, int green, int blue) {
    byte[] pixels = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 3 == 0 ? red : i % 3 == 1 ? green : blue);
    }
    return new Rgb(SIDE, SIDE, pixels);
  }

  /** Smooth waves with some noise. */
  private static Rgb picture() {
    Philox random = random(99);
    byte[] pixels = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      double x = i / 3 % SIDE;
      double y = i / 3 / SIDE;
      double wave = 60 * Math.sin(x / 5 + i % 3) * Math.cos(y / 7);
      pixels[i] = (byte) (128 + wave + 10 * random.nextGaussian());
    }
    return new Rgb(SIDE, SIDE, pixels);
  }

  private static Rgb step(QualityStep.Way way, int level, Rgb image) {
    return new QualityStep(way, level).of(image, random(0));
  }

  private static double mean(Rgb image, int channel) {
    double sum = 0;
    for (int i = channel; i < image.pixels().length; i += 3) {
      sum += image.pixels()[i] & 0xff;
    }
    return sum / SIDE / SIDE;
  }

  private static double deviation(Rgb image, int channel) {
    double mean = mean(image, channel);
    double squares = 0;
    for (int i = channel; i < image.pixels().length; i += 3) {
      squares += Math.pow((image.pixels()[i] & 0xff) - mean, 2);
    }
    return Math.sqrt(squares / SIDE / SIDE);
  }

  /** The variance of a blurred point is the square of the deviation. */
  @Test
  void blurSpreadsAPointByItsDeviation() {
    float[] values = new float[3 * 41 * 41];
    values[3 * (20 * 41 + 20)] = 1000;
    Planes blurred = new Planes(41, 41, values).blurred(2.5);
    double mass = 0;
    double across = 0;
    for (int y = 0; y < 41; y++) {
      for (int x = 0; x < 41; x++) {
        double v = blurred.values()[3 * (y * 41 + x)];
        mass += v;
        across += v * (x - 20) * (x - 20);
      }
    }
    assertEquals(1000, mass, .01);
    assertEquals(6.25, across / mass, .15);
    Rgb plain = filled(10, 200, 90);
    assertArrayEquals(plain.pixels(), step(QualityStep.Way.BLUR, 5, plain).pixels());
  }

  @Test
  void amountsAreTheOnesOfTheLevel() throws IOException {
    Rgb gray = filled(128, 128, 128);
    assertEquals(16, deviation(step(QualityStep.Way.NOISE, 2, gray), 1), .8);
    assertEquals(128, mean(step(QualityStep.Way.NOISE, 2, gray), 1), 1);
    assertArrayEquals(
        filled(80, 40, 20).pixels(), step(QualityStep.Way.DARK, 2, filled(240, 120, 60)).pixels());
    Rgb picture = picture();
    int[] qualities = {50, 30, 20, 10, 5};
    for (int level = 1; level <= 5; level++) {
      Rgb expected = ImageDecoder.decode(ImageEncoder.jpeg(picture, qualities[level - 1], null));
      assertArrayEquals(expected.pixels(), step(QualityStep.Way.JPEG, level, picture).pixels());
    }
    byte[] checkers = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < checkers.length; i++) {
      checkers[i] = (byte) ((i / 3 % SIDE + i / 3 / SIDE) % 2 * 255);
    }
    Rgb halved = step(QualityStep.Way.RESOLUTION, 1, new Rgb(SIDE, SIDE, checkers));
    assertEquals(127.5, mean(halved, 0), .6);
    assertEquals(0, deviation(halved, 0), .6);
  }

  @Test
  void eachLevelIsFurtherFromTheImage() {
    Rgb picture = picture();
    for (QualityStep.Way way : QualityStep.Way.values()) {
      double before = 0;
      for (int level = 1; level <= QualityStep.LEVELS; level++) {
        double error = error(picture, step(way, level, picture));
        assertTrue(error > before, way + " " + level + ": " + error + " after " + before);
        before = error;
      }
    }
    assertEquals(10, QualityStep.ladder(List.of(QualityStep.Way.values()).subList(0, 2)).size());
  }

  private static double error(Rgb a, Rgb b) {
    double squares = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      squares += Math.pow((a.pixels()[i] & 0xff) - (b.pixels()[i] & 0xff), 2);
    }
    return squares;
  }

  @Test
  void aReplayHasMoireAndABlueCastInABlackFrame() {
    Rgb taken = new Recapture(Recapture.Medium.REPLAY).of(filled(128, 128, 128), random(1));
    assertEquals(12, taken.pixels()[0]);
    assertEquals(12, taken.pixels()[3 * (2 * SIDE + 30) + 1]);
    Rgb inside = inside(taken);
    assertEquals(128 * .12 / Math.sqrt(2), deviation(inside, 1, 48), 1.5);
    assertEquals(1.1 / .94, mean(inside, 2, 48) / mean(inside, 0, 48), .03);
    Rgb other = new Recapture(Recapture.Medium.REPLAY).of(filled(128, 128, 128), random(2));
    assertFalse(Arrays.equals(taken.pixels(), other.pixels()));
  }

  @Test
  void aPrintIsPalerInAWhiteFrame() {
    Recapture print = new Recapture(Recapture.Medium.PRINT);
    Rgb taken = print.of(filled(200, 40, 40), random(1));
    assertEquals((byte) 235, taken.pixels()[0]);
    Rgb inside = inside(taken);
    double contrast = mean(inside, 0, 48) - mean(inside, 1, 48);
    assertTrue(contrast > 50 && contrast < 110, "of 160 before: " + contrast);
    assertTrue(deviation(inside, 1, 48) > 1, "the dots of the raster");
    assertArrayEquals(taken.pixels(), print.of(filled(200, 40, 40), random(1)).pixels());
  }

  private static Rgb inside(Rgb image) {
    return image.crop(8, 8, 48, 48);
  }

  private static double mean(Rgb image, int channel, int side) {
    return mean(image, channel) * SIDE * SIDE / side / side;
  }

  private static double deviation(Rgb image, int channel, int side) {
    double mean = mean(image, channel, side);
    double squares = 0;
    for (int i = channel; i < image.pixels().length; i += 3) {
      squares += Math.pow((image.pixels()[i] & 0xff) - mean, 2);
    }
    return Math.sqrt(squares / side / side);
  }
}
