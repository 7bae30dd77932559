package dev.fizzy.image;

/**
 * Resizes an image with a triangle filter: bilinear when enlarging; when shrinking, the triangle is
 * widened by the scale, so that every source pixel contributes and nothing aliases.
 */
public final class Resampler {
  private Resampler() {}

  /** Weights of one axis: output i is the sum of {@code weights[i][k] * input[first[i] + k]}. */
  private record Axis(int[] first, float[][] weights) {
    static Axis of(int in, int out) {
      double scale = (double) in / out;
      double radius = Math.max(1, scale);
      int[] first = new int[out];
      float[][] weights = new float[out][];
      for (int i = 0; i < out; i++) {
        double center = (i + .5) * scale;
        int from = Math.max(0, (int) Math.floor(center - radius + .5));
        int to = Math.min(in, (int) Math.floor(center + radius + .5));
        double[] w = new double[to - from];
        double sum = 0;
        for (int k = 0; k < w.length; k++) {
          w[k] = Math.max(0, 1 - Math.abs((from + k + .5 - center) / radius));
          sum += w[k];
        }
        first[i] = from;
        weights[i] = new float[w.length];
        for (int k = 0; k < w.length; k++) {
          weights[i][k] = (float) (w[k] / sum);
        }
      }
      return new Axis(first, weights);
    }
  }

  public static Rgb resize(Rgb image, int width, int height) {
    if (image.width() == width && image.height() == height) {
      return image;
    }
    float[] rows = horizontal(image, Axis.of(image.width(), width), width);
    Axis axis = Axis.of(image.height(), height);
    byte[] out = new byte[3 * width * height];
    float[] sums = new float[3 * width];
    for (int y = 0; y < height; y++) {
      java.util.Arrays.fill(sums, 0);
      float[] weights = axis.weights[y];
      for (int k = 0; k < weights.length; k++) {
        int row = (axis.first[y] + k) * sums.length;
        for (int i = 0; i < sums.length; i++) {
          sums[i] += weights[k] * rows[row + i];
        }
      }
      for (int i = 0; i < sums.length; i++) {
        out[y * sums.length + i] = (byte) Math.min(255, Math.max(0, Math.round(sums[i])));
      }
    }
    return new Rgb(width, height, out);
  }

  /** The weights of one axis as a matrix [out, in]. */
  public static float[] matrix(int in, int out) {
    Axis axis = Axis.of(in, out);
    float[] matrix = new float[out * in];
    for (int i = 0; i < out; i++) {
      System.arraycopy(axis.weights[i], 0, matrix, i * in + axis.first[i], axis.weights[i].length);
    }
    return matrix;
  }

  private static float[] horizontal(Rgb image, Axis axis, int width) {
    byte[] in = image.pixels();
    float[] out = new float[image.height() * width * 3];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < width; x++) {
        float[] weights = axis.weights[x];
        int at = 3 * (y * image.width() + axis.first[x]);
        float r = 0;
        float g = 0;
        float b = 0;
        for (float w : weights) {
          r += w * (in[at++] & 255);
          g += w * (in[at++] & 255);
          b += w * (in[at++] & 255);
        }
        int to = 3 * (y * width + x);
        out[to] = r;
        out[to + 1] = g;
        out[to + 2] = b;
      }
    }
    return out;
  }
}
