package dev.fizzy.image;

/**
 * Converts CIE L*a*b* with white point D50 to sRGB. The matrix is adapted to D50 with the Bradford
 * transform (Lindbloom), as usual in color management.
 */
final class LabColors {
  private static final double WHITE_X = .96422;
  private static final double WHITE_Z = .82521;
  private static final double[][] LINEAR = {
    {3.1338561, -1.6168667, -.4906146},
    {-.9787684, 1.9161415, .0334540},
    {.0719453, -.2289914, 1.4052427}
  };

  private LabColors() {}

  /** Converts TIFF's CIELab: L* as 0..255, a* and b* as signed bytes. */
  static void rgb(int[] in, int bands, int width, byte[] rgb, int at) {
    for (int x = 0, i = 0; x < width; x++, i += bands, at += 3) {
      double fy = (in[i] / 2.55 + 16) / 116;
      double px = WHITE_X * cube(fy + (byte) in[i + 1] / 500.);
      double py = cube(fy);
      double pz = WHITE_Z * cube(fy - (byte) in[i + 2] / 200.);
      for (int c = 0; c < 3; c++) {
        double[] m = LINEAR[c];
        rgb[at + c] = (byte) gamma(m[0] * px + m[1] * py + m[2] * pz);
      }
    }
  }

  private static double cube(double t) {
    return t > 6. / 29 ? t * t * t : 108. / 841 * (t - 4. / 29);
  }

  private static int gamma(double linear) {
    double v = linear <= .0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - .055;
    return (int) Math.round(255 * Math.min(1, Math.max(0, v)));
  }
}
