package dev.fizzy.image.degrade;

import dev.fizzy.engine.Philox;
import dev.fizzy.image.Rgb;
import java.util.Locale;

/**
 * A face as it looks when a print or a screen is photographed, for the detection of presentation
 * attacks: colors, blur, the pattern of the medium, and its frame. It is drawn on the image; no
 * paper, screen, camera or lens took part, so a detector that is good at these is not known to be
 * good at real attacks.
 */
public record Recapture(Medium medium) implements Degradation {
  /** Width of the frame, as a share of the side. */
  private static final double FRAME = .04;

  /** What is photographed. */
  public enum Medium {
    PRINT,
    REPLAY
  }

  @Override
  public String kind() {
    return medium.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int level() {
    return 1;
  }

  @Override
  public Rgb of(Rgb image, Philox random) {
    double side = Math.min(image.width(), image.height());
    Planes blurred = Planes.of(image).blurred((.006 + .006 * random.nextDouble()) * side);
    Planes taken = medium == Medium.PRINT ? print(blurred, random) : replay(blurred, random);
    double frame = FRAME * side;
    double edge = medium == Medium.PRINT ? 235 : 12;
    return taken
        .map(
            (x, y, c, value) ->
                Math.min(Math.min(x, image.width() - 1 - x), Math.min(y, image.height() - 1 - y))
                        < frame
                    ? edge
                    : value)
        .rgb();
  }

  /** Pale and low in contrast, a warm or cold cast, and the dots of a raster at 45 degrees. */
  private static Planes print(Planes face, Philox random) {
    double[] cast = {1 + .08 * signed(random), 1, 1 + .08 * signed(random)};
    double period = 2.5 + 2 * random.nextDouble();
    double wave = Math.PI * Math.sqrt(2) / period;
    return gray(face, .65)
        .map(
            (x, y, c, value) -> {
              double dots = Math.sin(wave * (x + y)) * Math.sin(wave * (x - y));
              return cast[c] * (35 + .75 * value) * (1 + .08 * dots);
            });
  }

  /** Bluish and high in contrast, with the moire of two grids, shifted between the colors. */
  private static Planes replay(Planes face, Philox random) {
    double angle = Math.PI * random.nextDouble();
    double wave = 2 * Math.PI / (4 + 8 * random.nextDouble());
    double phase = 2 * Math.PI * random.nextDouble();
    double[] cast = {.94, 1, 1.1};
    return face.map(
        (x, y, c, value) -> {
          double along = x * Math.cos(angle) + y * Math.sin(angle);
          double moire = Math.sin(wave * along + phase + c * 2 * Math.PI / 3);
          return cast[c] * (128 + 1.12 * (value - 128)) * (1 + .12 * moire);
        });
  }

  /** Colors with this share of their distance to gray. */
  private static Planes gray(Planes face, double share) {
    return face.map(
        (x, y, c, value) -> {
          int at = Planes.CHANNELS * (y * face.width() + x);
          float[] v = face.values();
          double gray = .299 * v[at] + .587 * v[at + 1] + .114 * v[at + 2];
          return gray + share * (value - gray);
        });
  }

  private static double signed(Philox random) {
    return 2 * random.nextDouble() - 1;
  }
}
