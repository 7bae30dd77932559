package dev.fizzy.image.degrade;

import dev.fizzy.image.Rgb;

/** An image of unclamped red, green and blue from 0 to 255, [height, width, 3]. */
record Planes(int width, int height, float[] values) {
  static final int CHANNELS = 3;

  /** A value for the pixel at (x, y), from the value there. */
  interface Pixel {
    double of(int x, int y, int channel, double value);
  }

  static Planes of(Rgb image) {
    float[] values = new float[image.pixels().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.pixels()[i] & 0xff;
    }
    return new Planes(image.width(), image.height(), values);
  }

  Planes map(Pixel pixel) {
    float[] mapped = new float[values.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < CHANNELS; c++) {
          int i = CHANNELS * (y * width + x) + c;
          mapped[i] = (float) pixel.of(x, y, c, values[i]);
        }
      }
    }
    return new Planes(width, height, mapped);
  }

  /** Blurred by a Gaussian; pixels outside the image are those at its edge. */
  Planes blurred(double sigma) {
    int reach = (int) Math.ceil(3 * sigma);
    double[] weights = new double[2 * reach + 1];
    double sum = 0;
    for (int k = -reach; k <= reach; k++) {
      weights[k + reach] = Math.exp(-k * k / (2 * sigma * sigma));
      sum += weights[k + reach];
    }
    for (int k = 0; k < weights.length; k++) {
      weights[k] /= sum;
    }
    return filtered(weights, reach, 1, 0).filtered(weights, reach, 0, 1);
  }

  private Planes filtered(double[] weights, int reach, int dx, int dy) {
    return map(
        (x, y, c, value) -> {
          double sum = 0;
          for (int k = -reach; k <= reach; k++) {
            int nearX = Math.min(Math.max(x + k * dx, 0), width - 1);
            int nearY = Math.min(Math.max(y + k * dy, 0), height - 1);
            sum += weights[k + reach] * values[CHANNELS * (nearY * width + nearX) + c];
          }
          return sum;
        });
  }

  Rgb rgb() {
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Math.round(Math.min(Math.max(values[i], 0), 255));
    }
    return new Rgb(width, height, pixels);
  }
}
