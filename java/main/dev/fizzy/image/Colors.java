package dev.fizzy.image;

/**
 * Converts the samples of an image to RGB, as Pillow's {@code convert("RGB")}: no color profile is
 * applied. Transparent pixels are blended with white.
 */
@FunctionalInterface
interface Colors {
  /**
   * Converts a row.
   *
   * @param samples [width, bands], 0..255
   * @param rgb [width, 3] from {@code at} on
   */
  void convert(int[] samples, int bands, int width, byte[] rgb, int at);

  Colors GRAY =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          put(rgb, at, in[i], in[i], in[i]);
        }
      };

  Colors GRAY_ALPHA =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          int v = onWhite(in[i], in[i + 1]);
          put(rgb, at, v, v, v);
        }
      };

  Colors RGB =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          put(rgb, at, in[i], in[i + 1], in[i + 2]);
        }
      };

  Colors RGB_ALPHA =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          int alpha = in[i + 3];
          put(rgb, at, onWhite(in[i], alpha), onWhite(in[i + 1], alpha), onWhite(in[i + 2], alpha));
        }
      };

  /** RGB with premultiplied alpha. */
  Colors RGB_PREMULTIPLIED =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          int white = 255 - in[i + 3];
          put(
              rgb,
              at,
              Math.min(255, in[i] + white),
              Math.min(255, in[i + 1] + white),
              Math.min(255, in[i + 2] + white));
        }
      };

  /** CMYK; 255 is full ink. */
  Colors CMYK =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          int light = 255 - in[i + 3];
          put(rgb, at, ink(in[i], light), ink(in[i + 1], light), ink(in[i + 2], light));
        }
      };

  /** CMYK as stored in JPEG; 255 is no ink. */
  Colors CMYK_INVERTED =
      (in, bands, width, rgb, at) -> {
        for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
          int light = in[i + 3];
          put(
              rgb,
              at,
              ink(255 - in[i], light),
              ink(255 - in[i + 1], light),
              ink(255 - in[i + 2], light));
        }
      };

  /** One palette index per pixel, into colors as 0xAARRGGBB. */
  static Colors palette(int[] argb) {
    return (in, bands, width, rgb, at) -> {
      for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
        int color = in[i] < argb.length ? argb[in[i]] : 0xff000000;
        int alpha = color >>> 24;
        put(
            rgb,
            at,
            onWhite(color >> 16 & 255, alpha),
            onWhite(color >> 8 & 255, alpha),
            onWhite(color & 255, alpha));
      }
    };
  }

  static void put(byte[] rgb, int at, int red, int green, int blue) {
    rgb[at] = (byte) red;
    rgb[at + 1] = (byte) green;
    rgb[at + 2] = (byte) blue;
  }

  static int onWhite(int value, int alpha) {
    return alpha == 255 ? value : (value * alpha + 255 * (255 - alpha) + 127) / 255;
  }

  /** The light reflected under an ink, of {@code light} under black; rounded as in Pillow. */
  private static int ink(int ink, int light) {
    int product = ink * light + 128;
    return light - ((product >> 8) + product >> 8);
  }
}
