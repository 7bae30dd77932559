package dev.fizzy.image;

import java.io.Serializable;

/**
 * Sharpness and clipping of an image.
 *
 * @param laplacian variance over the inner pixels of the Laplacian (4 neighbors - 4 times the
 *     center) of the luma, 0 .. 255 (ITU-R BT.601): a common measure of focus (Pech-Pacheco et al.,
 *     ICPR 2000)
 * @param clipped share of the red, green and blue values that are 0 or 255
 */
public record PixelStatistics(double laplacian, double[] clipped) implements Serializable {
  private static final int CHANNELS = 3;

  /**
   * @param image at least 3 x 3 pixels
   */
  public static PixelStatistics of(Rgb image) {
    return new PixelStatistics(laplacian(image), clipped(image));
  }

  private static double laplacian(Rgb image) {
    int w = image.width();
    double[] luma = luma(image);
    double sum = 0;
    double squares = 0;
    for (int y = 1; y < image.height() - 1; y++) {
      for (int at = y * w + 1; at < y * w + w - 1; at++) {
        double v = luma[at - w] + luma[at - 1] + luma[at + 1] + luma[at + w] - 4 * luma[at];
        sum += v;
        squares += v * v;
      }
    }
    double inner = (w - 2.) * (image.height() - 2);
    return squares / inner - sum / inner * (sum / inner);
  }

  private static double[] luma(Rgb image) {
    byte[] in = image.pixels();
    double[] luma = new double[image.width() * image.height()];
    for (int i = 0; i < luma.length; i++) {
      luma[i] =
          .299 * (in[CHANNELS * i] & 255)
              + .587 * (in[CHANNELS * i + 1] & 255)
              + .114 * (in[CHANNELS * i + 2] & 255);
    }
    return luma;
  }

  private static double[] clipped(Rgb image) {
    double[] share = new double[CHANNELS];
    byte[] in = image.pixels();
    for (int i = 0; i < in.length; i++) {
      if (in[i] == 0 || (in[i] & 255) == 255) {
        share[i % CHANNELS] += (double) CHANNELS / in.length;
      }
    }
    return share;
  }
}
