package dev.fizzy.image;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.util.Arrays;

/** Converts the samples of a decoded raster, independent of Java's color space. */
final class Samples {
  private Samples() {}

  /** Converts samples of 8 bits, or indices. */
  static Rgb rgb(Raster raster, Colors colors) {
    return rgb(raster, 8, null, colors);
  }

  /**
   * Converts a raster to RGB.
   *
   * @param bits bits per sample: fewer than 8 are scaled to 0..255, of more the upper 8 are used
   * @param key the samples of transparent pixels, or null
   */
  static Rgb rgb(Raster raster, int bits, int[] key, Colors colors) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width * bands];
    Row rows = rows(raster);
    for (int y = 0; y < height; y++) {
      int at = 3 * y * width;
      rows.read(y, row);
      if (key == null) {
        toBytes(row, bits);
        colors.convert(row, bands, width, rgb, at);
      } else {
        int[] raw = row.clone();
        toBytes(row, bits);
        colors.convert(row, bands, width, rgb, at);
        whiten(raw, key, rgb, at);
      }
    }
    return new Rgb(width, height, rgb);
  }

  /** Converts an image with an sRGB color model. */
  static Rgb converted(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width];
    int[] samples = new int[4 * width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        samples[4 * x] = row[x] >> 16 & 255;
        samples[4 * x + 1] = row[x] >> 8 & 255;
        samples[4 * x + 2] = row[x] & 255;
        samples[4 * x + 3] = row[x] >>> 24;
      }
      Colors.RGB_ALPHA.convert(samples, 4, width, rgb, 3 * y * width);
    }
    return new Rgb(width, height, rgb);
  }

  /**
   * Converts 16-bit gray as Pillow, which clips values at 255.
   *
   * @throws ImageException if a value would be clipped, because the image would become white
   */
  static Rgb gray16(Raster raster) throws ImageException {
    int[] row = new int[raster.getWidth() * raster.getNumBands()];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, row);
      int max = Arrays.stream(row).max().orElse(0);
      if (max > 255) {
        throw new ImageException(
            "16-bit gray with values up to "
                + max
                + ", which loaders clip at 255, to white; convert it to 8 bits first, for example:"
                + " magick IN -depth 8 OUT.png");
      }
    }
    return rgb(raster, Colors.GRAY);
  }

  private interface Row {
    void read(int y, int[] samples);
  }

  private static Row rows(Raster raster) {
    int width = raster.getWidth();
    int bands = raster.getNumBands();
    if (!(raster.getSampleModel() instanceof ComponentSampleModel model)
        || !(raster.getDataBuffer() instanceof DataBufferByte buffer)
        || buffer.getNumBanks() != 1
        || raster.getParent() != null) {
      return (y, row) -> raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
    }
    byte[] in = buffer.getData();
    int[] offsets = model.getBandOffsets();
    int start = ((DataBuffer) buffer).getOffset();
    return (y, row) -> {
      for (int b = 0; b < bands; b++) {
        int from = start + y * model.getScanlineStride() + offsets[b];
        for (int i = b; i < row.length; i += bands, from += model.getPixelStride()) {
          row[i] = in[from] & 255;
        }
      }
    };
  }

  private static void toBytes(int[] row, int bits) {
    if (bits < 8) {
      int step = 255 / ((1 << bits) - 1);
      for (int i = 0; i < row.length; i++) {
        row[i] *= step;
      }
    } else if (bits > 8) {
      for (int i = 0; i < row.length; i++) {
        row[i] >>= bits - 8;
      }
    }
  }

  private static void whiten(int[] raw, int[] key, byte[] rgb, int at) {
    int bands = key.length;
    for (int i = 0; i < raw.length; i += bands) {
      if (Arrays.equals(raw, i, i + bands, key, 0, bands)) {
        int pixel = at + 3 * (i / bands);
        Colors.put(rgb, pixel, 255, 255, 255);
      }
    }
  }
}
