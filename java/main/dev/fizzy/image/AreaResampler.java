package dev.fizzy.image;

import java.util.Arrays;

/**
 * Resizes an image or a part of it: an output pixel is the mean of the area it covers; along an
 * axis that is enlarged, pixels are interpolated linearly. Sharper than {@link Resampler}; face
 * detectors were trained with it.
 */
public final class AreaResampler {
  private AreaResampler() {}

  /**
   * Weights of one axis: output i is the sum of {@code weights[at[i] + k] * input[first[i] + k]}.
   */
  private record Axis(int[] first, int[] at, float[] weights) {
    static Axis of(int in, int out) {
      double scale = (double) in / out;
      int[] first = new int[out];
      int[] at = new int[out + 1];
      float[] weights = new float[out * ((int) scale + 2)];
      for (int i = 0; i < out; i++) {
        int n = at[i];
        if (scale > 1) {
          double from = i * scale;
          double to = Math.min(in, from + scale);
          first[i] = (int) from;
          for (int k = first[i]; k < to; k++) {
            weights[n++] = (float) ((Math.min(k + 1, to) - Math.max(k, from)) / scale);
          }
        } else {
          double centre = Math.min(in - 1, Math.max(0, (i + .5) * scale - .5));
          first[i] = (int) centre;
          weights[n++] = (float) (first[i] + 1 - centre);
          if (centre > first[i]) {
            weights[n++] = (float) (centre - first[i]);
          }
        }
        at[i + 1] = n;
      }
      return new Axis(first, at, weights);
    }
  }

  public static Rgb resize(Rgb image, int width, int height) {
    if (image.width() == width && image.height() == height) {
      return image;
    }
    byte[] out = new byte[3 * width * height];
    part(image, 0, 0, image.width(), image.height(), width, height, out, 0);
    return new Rgb(width, height, out);
  }

  /**
   * Resizes the rectangle of {@code width} x {@code height} pixels at (left, top). It may extend
   * beyond the image, where pixels are black.
   *
   * @param to [outHeight, outWidth, 3] from {@code at} on
   */
  public static void part(
      Rgb image,
      int left,
      int top,
      int width,
      int height,
      int outWidth,
      int outHeight,
      byte[] to,
      int at) {
    Axis vertical = Axis.of(height, outHeight);
    Axis horizontal = Axis.of(width, outWidth);
    int from = Math.max(0, left); // the columns inside the image
    int count = Math.max(0, Math.min(image.width(), left + width) - from);
    float[] sums = new float[3 * width];
    for (int y = 0; y < outHeight; y++) {
      Arrays.fill(sums, 0);
      for (int k = vertical.at[y]; k < vertical.at[y + 1]; k++) {
        int row = top + vertical.first[y] + k - vertical.at[y];
        if (row >= 0 && row < image.height()) {
          int in = 3 * (row * image.width() + from);
          add(vertical.weights[k], image.pixels(), in, sums, 3 * (from - left), 3 * count);
        }
      }
      row(horizontal, sums, to, at + 3 * y * outWidth);
    }
  }

  private static void add(float weight, byte[] in, int from, float[] sums, int at, int count) {
    for (int i = 0; i < count; i++) {
      sums[at + i] += weight * (in[from + i] & 255);
    }
  }

  private static void row(Axis axis, float[] in, byte[] to, int at) {
    int k = 0;
    for (int x = 0; x < axis.first.length; x++) {
      float r = .5f;
      float g = .5f;
      float b = .5f;
      for (int i = 3 * axis.first[x]; k < axis.at[x + 1]; k++, i += 3) {
        float w = axis.weights[k];
        r += w * in[i];
        g += w * in[i + 1];
        b += w * in[i + 2];
      }
      to[at++] = (byte) (int) r;
      to[at++] = (byte) (int) g;
      to[at++] = (byte) (int) b;
    }
  }
}
