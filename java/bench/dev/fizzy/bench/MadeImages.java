package dev.fizzy.bench;

import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.Random;

/** Images generated on demand, reproducibly. */
abstract class MadeImages implements LabeledImages {
  private static final int CLASSES = 500;

  private final int count;

  private MadeImages(int count) {
    this.count = count;
  }

  /** Records of 4 to 20 KB of noise, all different and cheap to generate. */
  static MadeImages noise(int count) {
    byte[] pool = new byte[64 << 20];
    new Random(5).nextBytes(pool);
    return new MadeImages(count) {
      @Override
      public byte[] bytes(int image) {
        Random random = new Random(image);
        int length = 4096 + random.nextInt(16384);
        int from = random.nextInt(pool.length - length);
        return Arrays.copyOfRange(pool, from, from + length);
      }
    };
  }

  /** JPEGs of quality 95, 112 x 112 pixels: smooth colors with some noise, as in a photo. */
  static MadeImages jpegs(int count) {
    byte[][] distinct = new byte[100][];
    for (int i = 0; i < distinct.length; i++) {
      distinct[i] = ImageEncoder.jpeg(picture(i), 95, null);
    }
    return new MadeImages(count) {
      @Override
      public byte[] bytes(int image) {
        return distinct[image % distinct.length];
      }
    };
  }

  private static Rgb picture(int seed) {
    int side = 112;
    Random random = new Random(seed);
    double[] wave = random.doubles(9).toArray();
    byte[] pixels = new byte[3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      int c = i % 3;
      int x = i / 3 % side;
      int y = i / 3 / side;
      double v = Math.sin(.1 * wave[c] * x + .1 * wave[3 + c] * y + 6 * wave[6 + c]);
      pixels[i] = (byte) Math.max(0, Math.min(255, 128 + 90 * v + 6 * random.nextGaussian()));
    }
    return new Rgb(side, side, pixels);
  }

  /** Total bytes of all images. */
  long total() {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += bytes(i).length;
    }
    return bytes;
  }

  @Override
  public abstract byte[] bytes(int image);

  @Override
  public int count() {
    return count;
  }

  @Override
  public String name(int image) {
    return Integer.toString(image);
  }

  @Override
  public int classes() {
    return CLASSES;
  }

  @Override
  public int label(int image) {
    return (int) ((long) image * CLASSES / count);
  }

  @Override
  public String toString() {
    return "generated images";
  }
}
