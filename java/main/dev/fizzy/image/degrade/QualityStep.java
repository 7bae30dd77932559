package dev.fizzy.image.degrade;

import dev.fizzy.engine.Philox;
import dev.fizzy.image.AreaResampler;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A step of a ladder of falling image quality. The amounts are doubled or evenly spaced from step
 * to step; that steps of two ways are equally bad for a recognizer is not claimed.
 *
 * @param level 1 to {@link #LEVELS}
 */
public record QualityStep(Way way, int level) implements Degradation {
  public static final int LEVELS = 5;

  private static final int[] JPEG = {50, 30, 20, 10, 5};

  /** What is changed. */
  public enum Way {
    /** Gaussian blur with a deviation of 1 % of the side and a level. */
    BLUR,
    /** Gaussian noise with a deviation of 8 and a level, of 255. */
    NOISE,
    /** Reduced to 1/(1 + level) of the side, and enlarged again. */
    RESOLUTION,
    /** JPEG of quality 50, 30, 20, 10, 5. */
    JPEG,
    /** Values divided by 1 + level. */
    DARK
  }

  /** All steps of some ways. */
  public static List<Degradation> ladder(List<Way> ways) {
    return ways.stream()
        .flatMap(
            way ->
                IntStream.rangeClosed(1, LEVELS)
                    .mapToObj(level -> (Degradation) new QualityStep(way, level)))
        .toList();
  }

  @Override
  public String kind() {
    return way.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Rgb of(Rgb image, Philox random) {
    return switch (way) {
      case BLUR -> {
        double side = Math.min(image.width(), image.height());
        yield Planes.of(image).blurred(.01 * level * side).rgb();
      }
      case NOISE ->
          Planes.of(image).map((x, y, c, value) -> value + 8 * level * random.nextGaussian()).rgb();
      case RESOLUTION -> {
        int width = Math.max(1, image.width() / (1 + level));
        int height = Math.max(1, image.height() / (1 + level));
        Rgb small = AreaResampler.resize(image, width, height);
        yield Resampler.resize(small, image.width(), image.height());
      }
      case JPEG -> jpeg(image, JPEG[level - 1]);
      case DARK -> Planes.of(image).map((x, y, c, value) -> value / (1 + level)).rgb();
    };
  }

  private static Rgb jpeg(Rgb image, int quality) {
    try {
      return ImageDecoder.decode(ImageEncoder.jpeg(image, quality, null));
    } catch (IOException e) {
      throw new IllegalStateException("JPEG of quality " + quality, e);
    }
  }
}
