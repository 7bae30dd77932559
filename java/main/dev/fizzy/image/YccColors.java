package dev.fizzy.image;

/** Converts YCbCr to RGB as libjpeg does: full range, in 16-bit fixed point. */
final class YccColors {
  private static final int HALF = 1 << 15;
  private static final int[] RED_OF_CR = new int[256];
  private static final int[] GREEN_OF_CB = new int[256];
  private static final int[] GREEN_OF_CR = new int[256];
  private static final int[] BLUE_OF_CB = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int chroma = i - 128;
      RED_OF_CR[i] = fixed(1.402) * chroma + HALF >> 16;
      BLUE_OF_CB[i] = fixed(1.772) * chroma + HALF >> 16;
      GREEN_OF_CB[i] = -fixed(.34414) * chroma + HALF;
      GREEN_OF_CR[i] = -fixed(.71414) * chroma;
    }
  }

  private YccColors() {}

  private static int fixed(double value) {
    return (int) (value * (1 << 16) + .5);
  }

  static void rgb(int[] in, int bands, int width, byte[] rgb, int at) {
    for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
      int y = in[i];
      int cb = in[i + 1];
      int cr = in[i + 2];
      rgb[at] = (byte) clamp(y + RED_OF_CR[cr]);
      rgb[at + 1] = (byte) clamp(y + (GREEN_OF_CB[cb] + GREEN_OF_CR[cr] >> 16));
      rgb[at + 2] = (byte) clamp(y + BLUE_OF_CB[cb]);
    }
  }

  /** Converts YCCK: the first three samples are inverted CMY as YCbCr; black is stored inverted. */
  static void inks(int[] in, int bands, int width, byte[] rgb, int at) {
    rgb(in, bands, width, rgb, at);
    int[] inverted = new int[4 * width];
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        inverted[4 * x + c] = 255 - (rgb[at + 3 * x + c] & 255);
      }
      inverted[4 * x + 3] = in[bands * x + 3];
    }
    Colors.CMYK_INVERTED.convert(inverted, 4, width, rgb, at);
  }

  private static int clamp(int value) {
    return value < 0 ? 0 : Math.min(value, 255);
  }
}
