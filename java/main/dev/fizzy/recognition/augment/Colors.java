package dev.fizzy.recognition.augment;

import dev.fizzy.image.Rgb;

/**
 * Color operations, bit by bit those of Pillow's ImageEnhance and ImageOps, which the published
 * recognizers were trained with. None changes its argument.
 */
final class Colors {
  private static final int LEVELS = 256;

  private Colors() {}

  /** Blends with black: factor 0 is black, 1 the image, 2 twice as bright. */
  static Rgb brightness(Rgb image, float factor) {
    return blend(new byte[image.pixels().length], image, factor);
  }

  /** Blends with the gray image: factor 0 is gray, 1 the image. */
  static Rgb saturation(Rgb image, float factor) {
    return blend(gray(image).pixels(), image, factor);
  }

  /** Blends with the rounded mean of the gray image. */
  static Rgb contrast(Rgb image, float factor) {
    byte[] gray = gray(image).pixels();
    long sum = 0;
    for (int i = 0; i < gray.length; i += 3) {
      sum += gray[i] & 255;
    }
    byte[] mean = new byte[gray.length];
    java.util.Arrays.fill(mean, (byte) (int) ((double) sum / (gray.length / 3) + .5));
    return blend(mean, image, factor);
  }

  /**
   * Blends with the image smoothed by the 3x3 kernel of 5 in the middle and 1 around it; the border
   * is not smoothed.
   */
  static Rgb sharpness(Rgb image, float factor) {
    int row = 3 * image.width();
    byte[] in = image.pixels();
    byte[] smooth = in.clone();
    for (int y = 1; y < image.height() - 1; y++) {
      for (int i = y * row + 3; i < (y + 1) * row - 3; i++) {
        int sum = 4 * (in[i] & 255);
        for (int line = i - row; line <= i + row; line += row) {
          sum += (in[line - 3] & 255) + (in[line] & 255) + (in[line + 3] & 255);
        }
        smooth[i] = (byte) ((2 * sum + 13) / 26);
      }
    }
    return blend(smooth, image, factor);
  }

  /** Keeps the upper bits of each sample. */
  static Rgb posterize(Rgb image, int bits) {
    int mask = 0xff << 8 - bits;
    byte[] table = new byte[LEVELS];
    for (int v = 0; v < LEVELS; v++) {
      table[v] = (byte) (v & mask);
    }
    return map(image, table, table, table);
  }

  /** Inverts the samples that are not below the threshold. */
  static Rgb solarize(Rgb image, float threshold) {
    byte[] table = new byte[LEVELS];
    for (int v = 0; v < LEVELS; v++) {
      table[v] = (byte) (v < threshold ? v : 255 - v);
    }
    return map(image, table, table, table);
  }

  /** Stretches each channel to the whole range. */
  static Rgb autoContrast(Rgb image) {
    byte[][] tables = new byte[3][];
    for (int c = 0; c < 3; c++) {
      int[] histogram = histogram(image, c);
      int low = 0;
      int high = LEVELS - 1;
      while (low < high && histogram[low] == 0) {
        low++;
      }
      while (high > low && histogram[high] == 0) {
        high--;
      }
      tables[c] = identity();
      if (high > low) {
        double scale = 255.0 / (high - low);
        double offset = -low * scale;
        for (int v = 0; v < LEVELS; v++) {
          tables[c][v] = (byte) Math.max(0, Math.min(255, (int) (v * scale + offset)));
        }
      }
    }
    return map(image, tables[0], tables[1], tables[2]);
  }

  /** Equalizes the histogram of each channel with a lookup table. */
  static Rgb equalize(Rgb image) {
    byte[][] tables = new byte[3][];
    for (int c = 0; c < 3; c++) {
      int[] histogram = histogram(image, c);
      int last = LEVELS - 1;
      while (histogram[last] == 0) {
        last--;
      }
      int step = (image.width() * image.height() - histogram[last]) / 255;
      tables[c] = identity();
      if (step > 0) {
        int n = step / 2;
        for (int v = 0; v < LEVELS; v++) {
          tables[c][v] = (byte) Math.min(255, n / step);
          n += histogram[v];
        }
      }
    }
    return map(image, tables[0], tables[1], tables[2]);
  }

  /** Luma of ITU-R 601-2 in all three channels. */
  static Rgb gray(Rgb image) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += 3) {
      int luma =
          19595 * (in[i] & 255) + 38470 * (in[i + 1] & 255) + 7471 * (in[i + 2] & 255) + 0x8000;
      out[i] = out[i + 1] = out[i + 2] = (byte) (luma >> 16);
    }
    return new Rgb(image.width(), image.height(), out);
  }

  /** degenerate + factor (image - degenerate), clamped to 0 .. 255 and truncated. */
  private static Rgb blend(byte[] degenerate, Rgb image, float factor) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i++) {
      int from = degenerate[i] & 255;
      float v = from + factor * ((in[i] & 255) - from);
      out[i] = (byte) Math.max(0, Math.min(255, (int) v));
    }
    return new Rgb(image.width(), image.height(), out);
  }

  private static byte[] identity() {
    byte[] table = new byte[LEVELS];
    for (int v = 0; v < LEVELS; v++) {
      table[v] = (byte) v;
    }
    return table;
  }

  private static int[] histogram(Rgb image, int channel) {
    int[] counts = new int[LEVELS];
    byte[] in = image.pixels();
    for (int i = channel; i < in.length; i += 3) {
      counts[in[i] & 255]++;
    }
    return counts;
  }

  private static Rgb map(Rgb image, byte[] red, byte[] green, byte[] blue) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += 3) {
      out[i] = red[in[i] & 255];
      out[i + 1] = green[in[i + 1] & 255];
      out[i + 2] = blue[in[i + 2] & 255];
    }
    return new Rgb(image.width(), image.height(), out);
  }
}
